"""Limits, each through the public interface."""
