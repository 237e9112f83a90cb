"""The reviewer's rules without a database: what to look at, in how many days, what changed, who is too near."""
