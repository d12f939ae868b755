"""The store of reports: tables of codes, actors, and the rows that were imported."""
