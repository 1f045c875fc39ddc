"""Readers for each format, column mapping and quarantine: files in, examples out."""
