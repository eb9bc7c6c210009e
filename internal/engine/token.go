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

// A coordinator's token is what a replica shows with its hello. It is made anew
// for each load, and handed to the load's replicas as a secret of the platform:
// never on a command line, in a label or in what a dry run prints.
const (
	// TokenVariable is the environment variable that holds it, and
	// TokenFileVariable the one that names the file which does.
	TokenVariable     = "C1M_TOKEN"
	TokenFileVariable = "C1M_TOKEN_FILE"

	// shownToken stands for a token where nothing is started.
	shownToken = "TOKEN"

	// longestToken bounds what is read of a token's file, in bytes.
	longestToken = 256
)

// newToken is a token that nobody can guess: 128 bits or more of randomness.
func newToken() string { return rand.Text() }

// sameToken compares in a time that does not tell how much of it is right.
func sameToken(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// TakeToken is the token this process was given. It is taken out of the
// environment, so that no child has it.
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
		return "", errors.New("no token for the coordinator: " + TokenVariable + " holds it, or the file that " + TokenFileVariable + " names")
	}
	return token, nil
}
