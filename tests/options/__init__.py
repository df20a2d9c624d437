"""Every option with every value, through the public interface."""
