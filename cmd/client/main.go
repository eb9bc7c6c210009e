// Command client loads an echo server with many connections and measures it.
// All of it is in internal/cli.
package main

import (
	"os"

	"c1m/internal/cli"
)

func main() { os.Exit(cli.Main("client", os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
