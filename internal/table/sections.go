package table

import (
	"c1m/internal/metric"
	"c1m/internal/workload"
)

// Section is the rows that share a header of columns.
type Section struct {
	Family workload.Kind // metric.Family of the rows
	Rows   []Row
}

// Sections are the families there are. No rows at all are one closed section.
func Sections(rows []Row) []Section {
	var list []Section
	for _, family := range metric.Families() {
		s := Section{Family: family[0]}
		for _, row := range rows {
			if metric.Family(row.Kind()) == s.Family {
				s.Rows = append(s.Rows, row)
			}
		}
		if len(s.Rows) > 0 {
			list = append(list, s)
		}
	}
	if list == nil {
		return []Section{{Family: workload.Closed}}
	}
	return list
}

// Numbers are the metrics of the rows.
func (s Section) Numbers() []metric.Row {
	list := make([]metric.Row, len(s.Rows))
	for i, row := range s.Rows {
		list[i] = row.Row
	}
	return list
}

// Columns are those of the section, between a row's name and its checks.
func (s Section) Columns(wide bool) []metric.Column { return metric.Columns(s.Numbers(), wide) }

// Families are those among the rows.
func Families(rows []Row) map[workload.Kind]bool {
	seen := make(map[workload.Kind]bool)
	for _, row := range rows {
		seen[metric.Family(row.Kind())] = true
	}
	return seen
}
