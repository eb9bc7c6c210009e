//go:build linux

package engine

import (
	"fmt"
	"net"
	"strconv"

	"c1m/internal/result"
	"c1m/internal/workload"
)

// serverArgs returns the arguments, after the program, of a cell's server that
// listens at addr.
func serverArgs(spec Spec, addr string) []string {
	args := []string{
		"server",
		"--mode=" + spec.Cell.Mode(),
		"--addr=" + addr,
		"--interval=0s",
		"--format=lines",
		"--run=" + spec.Run,
	}
	args = append(args, spec.Cell.Args(workload.Server)...)
	if spec.Cell.Concurrency > 0 {
		args = append(args, "-c", strconv.Itoa(spec.Cell.Concurrency))
	}
	return args
}

// clientArgs returns the arguments common to all replicas of a cell: without a
// replica's part and its barrier. The workload is that of all replicas together;
// each takes its share.
func clientArgs(spec Spec, addr string) ([]string, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("address %q: %w", addr, err)
	}
	cell := spec.Cell
	args := append([]string{"client"}, cell.Args(workload.Client)...)
	args = append(args,
		"--ip="+host,
		"--port="+port,
		"-c", strconv.Itoa(cell.Loops),
		"--interval=0s",
		"--format=lines",
		"--run="+spec.Run,
	)
	if spec.Counts != nil {
		args = append(args, "--counts")
	}
	return append(args, cell.ClientArgs(cell.Workload)...), nil
}

// replicas returns how many replicas a cell's load has.
func replicas(cell result.Cell) int { return max(1, cell.Replicas) }
