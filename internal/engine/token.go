//go:build linux

package engine

import (
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// A replica presents the coordinator's token in its hello. Each load has a new one,
// passed to its replicas as a secret of the platform: never on a command line, in
// a label or in the output of a dry run.
const (
	// TokenVariable is the environment variable with the token, and
	// TokenFileVariable the one with the name of a file that contains it.
	TokenVariable     = "C1M_TOKEN"
	TokenFileVariable = "C1M_TOKEN_FILE"

	// shownToken is the placeholder in a dry run.
	shownToken = "TOKEN"

	// longestToken is the limit for reading a token's file, in bytes.
	longestToken = 256
)

// newToken returns at least 128 random bits as text.
func newToken() string { return rand.Text() }

// sameToken compares in constant time.
func sameToken(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// TakeToken returns this process's token, and removes it from the environment, so
// that no child inherits it.
func TakeToken() (string, error) {
	token, name := os.Getenv(TokenVariable), os.Getenv(TokenFileVariable)
	_ = os.Unsetenv(TokenVariable)
	if token == "" && name != "" {
		file, err := os.Open(name)
		if err != nil {
			return "", fmt.Errorf("the coordinator's token: %w", err)
		}
		defer file.Close()
		text, err := io.ReadAll(io.LimitReader(file, longestToken))
		if err != nil {
			return "", fmt.Errorf("the coordinator's token: %w", err)
		}
		token = strings.TrimSpace(string(text))
	}
	if token == "" {
		return "", errors.New("no token for the coordinator: set " + TokenVariable + ", or " + TokenFileVariable + " to the name of a file with it")
	}
	return token, nil
}
