//go:build linux

package engine

import (
	"strconv"
	"strings"

	"c1m/internal/result"
)

// trafficArgs tell replicas what the cell's connections carry, where that is not
// what they carry by default.
func trafficArgs(cell result.Cell) []string {
	var args []string
	if cell.Protocol != "" && cell.Protocol != "echo" {
		args = append(args, "--proto="+cell.Protocol)
	}
	if cell.WSPath != "" {
		args = append(args, "--ws-path="+cell.WSPath)
	}
	if len(cell.WSProtocols) > 0 {
		args = append(args, "--ws-protocol="+strings.Join(cell.WSProtocols, ","))
	}
	for _, line := range cell.Headers {
		args = append(args, "--header="+line)
	}
	if cell.Push {
		args = append(args, "--traffic=push")
	}
	if cell.Idle {
		args = append(args, "--idle")
	}
	if cell.Busy > 0 {
		args = append(args, "--busy="+strconv.Itoa(cell.Busy))
	}
	if cell.Pipeline > 1 {
		args = append(args, "--pipeline="+strconv.Itoa(cell.Pipeline))
	}
	if cell.Churn > 0 {
		args = append(args, "--churn="+strconv.FormatFloat(cell.Churn, 'g', -1, 64))
	}
	if cell.Storm {
		args = append(args, "--storm")
	}
	return args
}

// pushArgs tell a server what to push.
func pushArgs(cell result.Cell) []string {
	if !cell.Push {
		return nil
	}
	return []string{
		"--traffic=push",
		"--push-rate=" + strconv.FormatFloat(cell.PushRate, 'g', -1, 64),
		"--push-fraction=" + strconv.FormatFloat(1/float64(max(1, cell.PushEvery)), 'g', -1, 64),
		"--push-size=" + strconv.Itoa(cell.Size),
		"--push-slow=" + cell.PushSlow,
	}
}
