package main

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kraviabatch/internal/batch"
	"kraviabatch/internal/intake"
)

// group is settings of one theme. A command's options embed the groups that the command has.
type group interface {
	// add defines the group's flags.
	add(f *pflag.FlagSet)
	// check refuses values that no command can use, before anything is read or called.
	check() error
}

// section is groups whose flags a help shows under one title, "" for a command with few flags.
type section struct {
	title  string
	groups []group
}

// addFlags gives a command its flags and has them filled and checked before the command runs. The help shows the flags
// named in first before all others.
func (a *app) addFlags(cmd *cobra.Command, first []string, sections ...section) {
	var sets []*pflag.FlagSet
	var groups []group
	for _, s := range sections {
		set := pflag.NewFlagSet(s.title, pflag.ContinueOnError)
		set.SortFlags = false
		for _, g := range s.groups {
			g.add(set)
		}
		cmd.Flags().AddFlagSet(set)
		sets, groups = append(sets, set), append(groups, s.groups...)
	}
	a.help[cmd] = helpOf(first, sets)
	cmd.PreRunE = func(cmd *cobra.Command, _ []string) error {
		if err := a.load(cmd); err != nil {
			return err
		}
		for _, g := range groups {
			if err := g.check(); err != nil {
				return err
			}
		}
		return nil
	}
}

// loggingFlags are the settings that every command has.
type loggingFlags struct {
	config, format, level string
}

func (s *loggingFlags) add(f *pflag.FlagSet) {
	f.SortFlags = false
	f.StringVar(&s.config, "config", "", "YAML `file` with settings, by the names of the flags")
	f.StringVar(&s.level, "log-level", "info", "`level`: debug, info, warn or error")
	f.StringVar(&s.format, "log-format", "", "`format`: text or json (default text on a terminal, else json)")
}

func (s *loggingFlags) check() error {
	switch {
	case new(slog.Level).UnmarshalText([]byte(s.level)) != nil:
		return usage(msgLogLevel, s.level)
	case s.format != "" && s.format != "text" && s.format != "json":
		return usage(msgLogFormat, s.format)
	}
	return nil
}

// logger writes to standard error. All work of an invocation shares one logger, so that lines are never mixed.
func (a *app) logger() *slog.Logger {
	if a.log != nil {
		return a.log
	}
	var level slog.Level
	_ = level.UnmarshalText([]byte(a.logging.level)) // see check
	options := &slog.HandlerOptions{Level: level}
	if a.logging.format == "text" || (a.logging.format == "" && a.terminal) {
		a.log = slog.New(slog.NewTextHandler(a.stderr, options))
	} else {
		a.log = slog.New(slog.NewJSONHandler(a.stderr, options))
	}
	return a.log
}

// envPrefix is put before a flag's name, in capitals with underscores.
const envPrefix = "KRAVIA_BATCH_"

func envName(flag string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// origin is where a setting comes from, the weakest first.
type origin uint8

const (
	fromFile origin = iota + 1
	fromEnvironment
	fromCommandLine
)

// load fills the flags that the command line does not give, from the environment and then from --config.
func (a *app) load(cmd *cobra.Command) error {
	known := flagNames(cmd.Root())
	err := a.unknownVariables(known)
	given := map[string]origin{}
	cmd.Flags().Visit(func(f *pflag.Flag) {
		given[f.Name] = fromCommandLine
		if text := f.Value.String(); text == "" || text == "[]" { // often a shell variable that is not set
			err = errors.Join(err, usage(msgEmptyFlag, f.Name))
		}
	})
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		value := a.getenv(envName(f.Name))
		if given[f.Name] != 0 || value == "" || f.Name == "help" {
			return
		}
		given[f.Name] = fromEnvironment
		if e := cmd.Flags().Set(f.Name, value); e != nil {
			err = errors.Join(err, misread(envName(f.Name), f, value, e))
		}
	})
	if err != nil {
		return &exitError{batch.ExitUsage, err} // all of them
	}
	if err := a.loadConfig(cmd, known, given); err != nil {
		return err
	}
	if err := checkAccountOrSandbox(cmd.Flags(), given); err != nil {
		return err
	}
	return a.logging.check()
}

// checkAccountOrSandbox refuses an account beside --sandbox, which has an account of its own, unless --sandbox is the
// stronger setting.
func checkAccountOrSandbox(flags *pflag.FlagSet, given map[string]origin) error {
	sandbox, _ := flags.GetBool("sandbox") // false if the command has no such flag
	account, _ := flags.GetString("account")
	if flags.Lookup("sandbox") != nil && sandbox && account != "" && given["account"] >= given["sandbox"] {
		return usage(msgSandboxAccount, account)
	}
	return nil
}

// unknownVariables refuses variables with the program's prefix that are no setting of any command, as loadConfig
// refuses unknown keys: a control total under a mistyped name would control nothing.
func (a *app) unknownVariables(known []string) error {
	var unknown []string
	for _, variable := range a.environ {
		name, _, _ := strings.Cut(variable, "=")
		if strings.HasPrefix(name, envPrefix) &&
			!slices.ContainsFunc(known, func(flag string) bool { return envName(flag) == name }) {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	var err error
	for _, name := range unknown {
		near := intake.Nearest(known, strings.TrimPrefix(name, envPrefix))
		if near != "" {
			near = envName(near)
		}
		err = errors.Join(err, usage(msgUnknownVariable, name, didYouMean(near)))
	}
	return err
}

// loadConfig reads --config. A key that is no flag of any command is an error. A key that is a flag of another command
// is ignored, so that one file serves all commands.
func (a *app) loadConfig(cmd *cobra.Command, known []string, given map[string]origin) error {
	path := a.logging.config
	if path == "" {
		return nil
	}
	data, err := intake.ReadYAML(path)
	if err != nil {
		return usage("--config: %w", err)
	}
	var values map[string]any
	if err := yaml.Unmarshal(data, &values); err != nil {
		first, _, _ := strings.Cut(yaml.FormatError(err, false, false), "\n") // what follows pictures the file
		return usage("--config %s: %s", path, first)
	}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		flag := cmd.Flags().Lookup(key)
		switch {
		case !slices.Contains(known, key) || key == "config":
			return usage(msgUnknownKey, path, key, didYouMean(intake.Nearest(known, key)))
		case given[key] != 0 || flag == nil:
			continue
		}
		given[key] = fromFile
		if err := setAny(cmd.Flags(), flag, path, values[key]); err != nil {
			return err
		}
	}
	return nil
}

// setAny sets a flag to a value of the file, or to each value of a list.
func setAny(flags *pflag.FlagSet, flag *pflag.Flag, path string, value any) error {
	list, ok := value.([]any)
	if !ok {
		list = []any{value}
	}
	if len(list) == 0 {
		list = []any{nil}
	}
	for _, v := range list {
		text := fmt.Sprint(v)
		switch v := v.(type) {
		case nil, []any, map[string]any:
			text = ""
		case float64:
			text = strconv.FormatFloat(v, 'f', -1, 64) // never 1.23456785e+07
		}
		if text == "" {
			return usage(msgKeyNeedsValue, path, flag.Name)
		}
		if err := flags.Set(flag.Name, text); err != nil {
			return misread(fmt.Sprintf("--config %s: %s", path, flag.Name), flag, text, err)
		}
	}
	return nil
}

// flagNames are the names of the flags of all commands.
func flagNames(root *cobra.Command) []string {
	var names []string
	add := func(f *pflag.Flag) {
		if f.Name != "help" && f.Name != "version" && !slices.Contains(names, f.Name) {
			names = append(names, f.Name)
		}
	}
	root.PersistentFlags().VisitAll(add)
	for _, cmd := range root.Commands() {
		cmd.Flags().VisitAll(add)
	}
	return names
}

// misread says in words that a flag's value is not of the flag's type; where names the setting as it was given.
func misread(where string, flag *pflag.Flag, value string, err error) error {
	if errors.Is(err, strconv.ErrRange) {
		return usage(msgTooLarge, where, value)
	}
	kinds := map[string]string{
		"int": wordInt, "float64": wordNumber, "bool": wordBool, "duration": wordDuration, "stringSlice": wordList,
	}
	return usage(msgMisread, where, value, kinds[flag.Value.Type()])
}

// didYouMean is a suggestion for the end of a message, "" without one.
func didYouMean(word string) string {
	if word == "" {
		return ""
	}
	return fmt.Sprintf(msgDidYouMean, word)
}

// checkAtLeast refuses a whole number below the least that is of use.
func checkAtLeast(flag string, value, least int) error {
	if value < least {
		return usage(msgTooSmall, flag, value, least)
	}
	return nil
}

// checkChoice refuses a value that is not one of a flag's choices. message names the choices and takes the value.
func checkChoice(value, message string, choices ...string) error {
	if !slices.Contains(choices, value) {
		return usage(message, value)
	}
	return nil
}
