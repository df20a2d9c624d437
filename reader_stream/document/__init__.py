"""Pure: Capture → Document."""
