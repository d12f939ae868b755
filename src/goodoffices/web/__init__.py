"""The workbench in the browser: pages and their JSON, over the same object as the command line."""
