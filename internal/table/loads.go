package table

// Load is the rows under one load, which are to be compared with each other: all
// but what serves them is the same.
type Load struct {
	Rows    []int    `json:"rows"`              // indices of the table's, in its order
	Ranking *Ranking `json:"ranking,omitempty"` // nil until Rank
}

// loadsOf keeps the order of the rows: a load stands where its first row does.
func loadsOf(rows []Row) []Load {
	loads := []Load{}
	at := make(map[string]int)
	for i, row := range rows {
		key := row.Cell.LoadKey()
		l, seen := at[key]
		if !seen {
			l = len(loads)
			at[key] = l
			loads = append(loads, Load{})
		}
		loads[l].Rows = append(loads[l].Rows, i)
	}
	return loads
}
