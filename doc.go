// Package c1m compares TCP server architectures at very many connections.
//
// The packages below it are the program; this one holds only the test that
// keeps their imports in order (arch_test.go).
package c1m
