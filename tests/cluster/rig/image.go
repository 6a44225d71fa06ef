package main

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
)

// busyboxImage is the one image of the rig: workloads, debug containers and the
// pods' own sandboxes all run it, so that no test ever needs a registry.
const busyboxImage = "rig.local/busybox:1"

// busyboxPath is where Debian's busybox-static puts it.
const busyboxPath = "/usr/bin/busybox"

type descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        int               `json:"size"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

func describe(mediaType string, data []byte) descriptor {
	return descriptor{MediaType: mediaType, Digest: "sha256:" + digest(data), Size: len(data)}
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// archive gathers a tar's entries; the first error stays and is told at the end.
type archive struct {
	out bytes.Buffer
	tar *tar.Writer
	err error
}

func newArchive() *archive {
	a := &archive{}
	a.tar = tar.NewWriter(&a.out)
	return a
}

func (a *archive) add(header tar.Header, data []byte) {
	header.Size = int64(len(data))
	if a.err == nil {
		a.err = a.tar.WriteHeader(&header)
	}
	if a.err == nil {
		_, a.err = a.tar.Write(data)
	}
}

func (a *archive) file(name string, mode int64, data []byte) {
	a.add(tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: mode}, data)
}

func (a *archive) bytes() ([]byte, error) {
	if a.err == nil {
		a.err = a.tar.Close()
	}
	return a.out.Bytes(), a.err
}

// rootfs is the image's only layer: the machine's static busybox and its applets.
func rootfs() ([]byte, error) {
	program, err := os.ReadFile(busyboxPath)
	if err != nil {
		return nil, err
	}
	applets, err := exec.Command(busyboxPath, "--list").Output()
	if err != nil {
		return nil, fmt.Errorf("list applets: %w", err)
	}
	layer := newArchive()
	for _, name := range []string{"bin", "etc", "tmp", "proc", "sys", "dev", "root", "var", "var/run"} {
		mode := int64(0o755)
		if name == "tmp" {
			mode = 0o1777
		}
		layer.add(tar.Header{Name: name + "/", Typeflag: tar.TypeDir, Mode: mode}, nil)
	}
	layer.file("bin/busybox", 0o755, program)
	for _, applet := range strings.Fields(string(applets)) {
		if applet != "busybox" {
			layer.add(tar.Header{Name: "bin/" + applet, Typeflag: tar.TypeSymlink, Linkname: "busybox", Mode: 0o777}, nil)
		}
	}
	layer.file("etc/passwd", 0o644, []byte("root:x:0:0:root:/root:/bin/sh\n"))
	layer.file("etc/group", 0o644, []byte("root:x:0:\n"))
	return layer.bytes()
}

// writeBusyboxImage writes an OCI image archive, ready for `ctr images import`.
func writeBusyboxImage(out string) error {
	layer, err := rootfs()
	if err != nil {
		return err
	}
	config, err := json.Marshal(map[string]any{
		"architecture": runtime.GOARCH,
		"os":           "linux",
		"config":       map[string]any{"Env": []string{"PATH=/bin"}, "Cmd": []string{"sleep", "2147483647"}},
		"rootfs":       map[string]any{"type": "layers", "diff_ids": []string{"sha256:" + digest(layer)}},
	})
	if err != nil {
		return err
	}
	manifest, err := json.Marshal(map[string]any{
		"schemaVersion": 2,
		"mediaType":     "application/vnd.oci.image.manifest.v1+json",
		"config":        describe("application/vnd.oci.image.config.v1+json", config),
		"layers":        []descriptor{describe("application/vnd.oci.image.layer.v1.tar", layer)},
	})
	if err != nil {
		return err
	}
	entry := describe("application/vnd.oci.image.manifest.v1+json", manifest)
	entry.Annotations = map[string]string{"io.containerd.image.name": busyboxImage}
	index, err := json.Marshal(map[string]any{"schemaVersion": 2, "manifests": []descriptor{entry}})
	if err != nil {
		return err
	}

	image := newArchive()
	image.file("oci-layout", 0o644, []byte(`{"imageLayoutVersion":"1.0.0"}`))
	image.file("index.json", 0o644, index)
	for _, blob := range [][]byte{layer, config, manifest} {
		image.file("blobs/sha256/"+digest(blob), 0o644, blob)
	}
	data, err := image.bytes()
	if err != nil {
		return err
	}
	return os.WriteFile(out, data, 0o644)
}
