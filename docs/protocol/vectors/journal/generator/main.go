// Writes golden vectors of Merkle trees, their proofs and signed notes with an implementation that is not
// ours: golang.org/x/mod/sumdb. Tests compare; they need no Go.
//
//	apt-get install golang-go golang-golang-x-mod-dev
//	GO111MODULE=off GOPATH=/usr/share/gocode go run main.go > ../vectors.json
//	GO111MODULE=off GOPATH=/usr/share/gocode go run main.go KEY NOTE   verifies a note from somebody else
package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const leaves = 300

type proof struct {
	Old  int64    `json:"old"` // of an inclusion proof, the index of the leaf
	Size int64    `json:"size"`
	Path []string `json:"path"`
}

type vectors struct {
	About       string   `json:"about"`
	LeafHashes  []string `json:"leafHashes"` // of the leaves "leaf 0", "leaf 1", ...
	Roots       []string `json:"roots"`      // by size, from 0
	Inclusion   []proof  `json:"inclusion"`
	Consistency []proof  `json:"consistency"`
	Notes       []signed `json:"notes"`
}

type signed struct {
	Seed        string `json:"seed"`
	VerifierKey string `json:"verifierKey"`
	Text        string `json:"text"`
	Note        string `json:"note"`
}

func main() {
	if len(os.Args) == 3 {
		verify(os.Args[1], os.Args[2])
		return
	}

	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var out []tlog.Hash
		for _, index := range indexes {
			out = append(out, stored[index])
		}
		return out, nil
	})
	v := vectors{About: "written by generator/main.go with golang.org/x/mod/sumdb/tlog and sumdb/note"}
	v.Roots = append(v.Roots, hex.EncodeToString(empty()))
	for n := int64(0); n < leaves; n++ {
		record := []byte(fmt.Sprintf("leaf %d", n))
		hashes, err := tlog.StoredHashes(n, record, reader)
		check(err)
		stored = append(stored, hashes...)
		leaf := tlog.RecordHash(record)
		v.LeafHashes = append(v.LeafHashes, hex.EncodeToString(leaf[:]))
		root, err := tlog.TreeHash(n+1, reader)
		check(err)
		v.Roots = append(v.Roots, hex.EncodeToString(root[:]))
	}

	for _, size := range []int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 33, 64, 65, 127, 129, 255, 257, 300} {
		for _, index := range picks(size - 1) {
			path, err := tlog.ProveRecord(size, index, reader)
			check(err)
			v.Inclusion = append(v.Inclusion, proof{index, size, texts(path)})
		}
		for _, old := range picks(size) {
			if old == 0 {
				continue
			}
			path, err := tlog.ProveTree(size, old, reader)
			check(err)
			v.Consistency = append(v.Consistency, proof{old, size, texts(path)})
		}
	}

	for i, name := range []string{"hanse/node/7", "hanse/node/4294967295", "witness.example"} {
		seed := make([]byte, ed25519.SeedSize)
		seed[0] = byte(i + 1)
		private := ed25519.NewKeyFromSeed(seed)
		public := private.Public().(ed25519.PublicKey)
		verifierKey, err := note.NewEd25519VerifierKey(name, public)
		check(err)
		root := v.Roots[100*i]
		raw, _ := hex.DecodeString(root)
		text := fmt.Sprintf("%s\n%d\n%s\n", name, 100*i, base64.StdEncoding.EncodeToString(raw))
		skey := fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", name, keyHash(name, public),
			base64.StdEncoding.EncodeToString(append([]byte{1}, seed...)))
		signer, err := note.NewSigner(skey)
		check(err)
		message, err := note.Sign(&note.Note{Text: text}, signer)
		check(err)
		v.Notes = append(v.Notes, signed{hex.EncodeToString(seed), verifierKey, text, string(message)})
	}

	out, err := json.MarshalIndent(v, "", " ")
	check(err)
	fmt.Println(string(out))
}

// The borders, and what lies beside the powers of two.
func picks(last int64) []int64 {
	var out []int64
	for _, i := range []int64{0, 1, 2, 3, 4, 7, 8, 15, 16, 63, 64, 127, 128, 129, 255, 256, last - 1, last} {
		if i >= 0 && i <= last && (len(out) == 0 || out[len(out)-1] < i) {
			out = append(out, i)
		}
	}
	return out
}

func keyHash(name string, public ed25519.PublicKey) uint32 {
	sum := sha256.Sum256(append([]byte(name+"\n\x01"), public...))
	return binary.BigEndian.Uint32(sum[:4])
}

func empty() []byte {
	sum := sha256.Sum256(nil)
	return sum[:]
}

func texts(path []tlog.Hash) []string {
	out := []string{}
	for _, hash := range path {
		out = append(out, hex.EncodeToString(hash[:]))
	}
	return out
}

func verify(key, path string) {
	verifier, err := note.NewVerifier(key)
	check(err)
	message, err := os.ReadFile(path)
	check(err)
	opened, err := note.Open(message, note.VerifierList(verifier))
	check(err)
	fmt.Printf("verified by %s:\n%s", opened.Sigs[0].Name, opened.Text)
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
