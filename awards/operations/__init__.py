"""Write layer of awards and money: one function per intention."""
