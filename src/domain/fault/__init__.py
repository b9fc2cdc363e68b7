"""A critical fault: reported by letters, alarms, monitors and specialists; one series of pages, one acknowledgement, one end."""
