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
		"-d", cell.Window.String(),
		"--warmup="+cell.Warmup.String(),
		"--timeout="+cell.Timeout.String(),
		"--interval=0s",
		"--format=lines",
		"--run="+spec.Run,
	)
	if cell.Rate > 0 && spec.Drain > 0 {
		args = append(args, "--drain="+spec.Drain.String())
	}
	if cell.Rate > 0 || cell.Churn > 0 {
		args = append(args, "--seed="+strconv.FormatUint(spec.Seed, 10)) // what replicas draw from
	}
	return args, nil
}

// replicas returns how many replicas a cell's load has.
func replicas(cell result.Cell) int { return max(1, cell.Replicas) }
