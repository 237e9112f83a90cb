"""Speed of the pages beside a floor application in the same run."""
