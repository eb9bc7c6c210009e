package table

import "c1m/internal/metric"

// Section is the rows of a family, which share their columns.
type Section struct {
	Family metric.Family
	Rows   []Row
	Loads  []Load // of the rows
}

// Sections divides the rows into families. Without rows it returns one empty section of
// the first family.
func (t Table) Sections() []Section {
	var list []Section
	for _, family := range metric.Families() {
		s := Section{Family: family}
		for _, load := range t.Loads {
			if family.Has(t.Rows[load.Rows[0]].Kind()) {
				s.Loads = append(s.Loads, load)
			}
		}
		for _, row := range t.Rows {
			if family.Has(row.Kind()) {
				s.Rows = append(s.Rows, row)
			}
		}
		if len(s.Rows) > 0 {
			list = append(list, s)
		}
	}
	if list == nil {
		return []Section{{Family: metric.Families()[0]}}
	}
	return list
}

// Columns returns the section's columns, between the rows' names and checks.
func (s Section) Columns(wide bool) []metric.Column {
	numbers := make([]metric.Row, len(s.Rows))
	for i, row := range s.Rows {
		numbers[i] = row.Row
	}
	return metric.Columns(numbers, wide)
}

// Families returns the families of the rows.
func (t Table) Families() []metric.Family {
	var list []metric.Family
	for _, s := range t.Sections() {
		list = append(list, s.Family)
	}
	return list
}
