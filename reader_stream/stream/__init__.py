"""Pure: documents over time → events → bytes."""
