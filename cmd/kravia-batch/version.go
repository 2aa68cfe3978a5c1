package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// version is set by the build; without it the module's own version counts.
var version = ""

type versionOptions struct {
	*app
	json bool
}

func (o *versionOptions) add(f *pflag.FlagSet) { f.BoolVar(&o.json, "json", false, "print it as JSON") }

func (o *versionOptions) check() error { return nil }

func (a *app) versionCommand() *cobra.Command {
	o := &versionOptions{app: a}
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.json {
				return writeJSON(o.stdout, buildOf())
			}
			_, err := fmt.Fprint(cmd.OutOrStdout(), versionText())
			return err
		},
	}
	a.addFlags(cmd, nil, section{"", []group{o}})
	cmd.PreRunE = nil // the version is printed whatever the other settings are
	return cmd
}

func programVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}

// build is what the program was built from and with.
type build struct {
	Version  string `json:"version"`
	Commit   string `json:"commit,omitempty"` // "" where the build did not know it
	Date     string `json:"date,omitempty"`   // of the commit, RFC 3339
	Modified bool   `json:"modified"`         // the build had changes that were not committed
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

func buildOf() build {
	b := build{Version: programVersion(), Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = s.Value
		case "vcs.time":
			b.Date = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	return b
}

// versionText is the version and the build, on two lines.
func versionText() string {
	b, commit := buildOf(), ""
	if b.Commit != "" {
		commit = fmt.Sprintf(msgCommit, b.Commit, b.Date)
	}
	if b.Commit != "" && b.Modified {
		commit += wordModified
	}
	return fmt.Sprintf("kravia-batch %s\n%s%s, %s\n", b.Version, commit, b.Go, b.Platform)
}
