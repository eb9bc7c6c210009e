package format

import "strconv"

// Size formats bytes with two digits: 7.4KB. KB is 1000 bytes. A third digit would be
// noise: a single page changes it.
func Size(bytes float64) string {
	if bytes < 0 {
		return "-" + Size(-bytes)
	}
	units := []string{"B", "KB", "MB", "GB", "TB"}
	unit := 0
	for unit < len(units)-1 && bytes >= 999.5 {
		bytes /= 1000
		unit++
	}
	decimals := 0
	if unit > 0 && bytes < 9.95 {
		decimals = 1
	}
	return strconv.FormatFloat(bytes, 'f', decimals, 64) + units[unit]
}
