"""The 2018 edition as data, and the script that plays it through the operations the pages call."""
