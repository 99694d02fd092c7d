SELECT hashtextextended('' COLLATE "C", 0)
