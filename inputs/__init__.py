"""What people type and paste: one reading of it, for every form, look-up and command. See docs/adr/0033."""
