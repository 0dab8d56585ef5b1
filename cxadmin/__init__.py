"""cxadmin: an independent emulator of the NICE CXone Admin portal."""

__version__ = "0.1.0"
