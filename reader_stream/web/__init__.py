"""Inbound shell: HTTP ⇄ values."""
