// Command bench measures server architectures against each other.
// All of it is in internal/cli.
package main

import (
	"os"

	"c1m/internal/cli"
)

func main() { os.Exit(cli.Main("bench", os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
