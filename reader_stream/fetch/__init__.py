"""Outbound shell: every byte that leaves the machine passes here."""
