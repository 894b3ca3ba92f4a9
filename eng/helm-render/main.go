// Renders the Helm chart where there is no Helm: Go's own templates, which are Helm's too, with the few functions that the chart uses.
// What is rendered here is what `helm template` prints, for a chart that stays with these functions; one that is missing stops the rendering.
//
//	helm-render CHART RELEASE NAMESPACE [PATH.TO.VALUE=YAML]...
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"text/template"

	"gopkg.in/yaml.v3"
)

func indent(spaces int, text string) string {
	pad := strings.Repeat(" ", spaces)
	return pad + strings.ReplaceAll(text, "\n", "\n"+pad)
}

func isEmpty(value interface{}) bool {
	switch v := value.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case bool:
		return !v
	case int:
		return v == 0
	default:
		return false
	}
}

func readYaml(file string) (map[string]interface{}, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var result map[string]interface{}
	if err := yaml.Unmarshal(text, &result); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return result, nil
}

// set puts one value in, as Helm's --set does. Only values that are there already can be set: a path that is misspelt is an error.
func set(values map[string]interface{}, assignment string) error {
	path, text, found := strings.Cut(assignment, "=")
	if !found {
		return fmt.Errorf("%s: write PATH=VALUE", assignment)
	}
	keys := strings.Split(path, ".")
	for _, key := range keys[:len(keys)-1] {
		inner, isMap := values[key].(map[string]interface{})
		if !isMap {
			return fmt.Errorf("%s: there is no map %s", assignment, key)
		}
		values = inner
	}
	last := keys[len(keys)-1]
	if _, exists := values[last]; !exists {
		return fmt.Errorf("%s: there is no value %s", assignment, last)
	}
	var value interface{}
	if err := yaml.Unmarshal([]byte(text), &value); err != nil {
		return fmt.Errorf("%s: %w", assignment, err)
	}
	values[last] = value
	return nil
}

func render(chart, release, namespace string, assignments []string) error {
	about, err := readYaml(filepath.Join(chart, "Chart.yaml"))
	if err != nil {
		return err
	}
	values, err := readYaml(filepath.Join(chart, "values.yaml"))
	if err != nil {
		return err
	}
	for _, assignment := range assignments {
		if err := set(values, assignment); err != nil {
			return err
		}
	}

	all := template.New("chart").Option("missingkey=error")
	all.Funcs(template.FuncMap{
		"include": func(name string, data interface{}) (string, error) {
			var out strings.Builder
			err := all.ExecuteTemplate(&out, name, data)
			return out.String(), err
		},
		"nindent": func(spaces int, text string) string { return "\n" + indent(spaces, text) },
		"quote":   func(value interface{}) string { return fmt.Sprintf("%q", fmt.Sprint(value)) },
		"default": func(fallback, value interface{}) interface{} {
			if isEmpty(value) {
				return fallback
			}
			return value
		},
		"toJson": func(value interface{}) (string, error) { out, err := json.Marshal(value); return string(out), err },
		"list":   func(items ...interface{}) []interface{} { return items },
		"has": func(item interface{}, items []interface{}) bool {
			for _, other := range items {
				if other == item {
					return true
				}
			}
			return false
		},
		"fail": func(message string) (string, error) { return "", errors.New(message) },
	})

	files, err := filepath.Glob(filepath.Join(chart, "templates", "*"))
	if err != nil {
		return err
	}
	sort.Strings(files)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if _, err := all.New(filepath.Base(file)).Parse(string(text)); err != nil {
			return err
		}
	}

	data := map[string]interface{}{
		"Values":  values,
		"Chart":   map[string]interface{}{"Name": about["name"], "Version": about["version"], "AppVersion": about["appVersion"]},
		"Release": map[string]interface{}{"Name": release, "Namespace": namespace, "Service": "Helm"},
	}
	for _, file := range files {
		if filepath.Ext(file) != ".yaml" {
			continue
		}
		var out strings.Builder
		if err := all.ExecuteTemplate(&out, filepath.Base(file), data); err != nil {
			return err
		}
		if strings.TrimSpace(out.String()) != "" {
			fmt.Printf("---\n# Source: podfence/templates/%s\n%s\n", filepath.Base(file), strings.TrimSpace(out.String()))
		}
	}
	return nil
}

func main() {
	if len(os.Args) < 4 {
		fmt.Fprintln(os.Stderr, "usage: helm-render CHART RELEASE NAMESPACE [PATH.TO.VALUE=YAML]...")
		os.Exit(1)
	}
	if err := render(os.Args[1], os.Args[2], os.Args[3], os.Args[4:]); err != nil {
		fmt.Fprintln(os.Stderr, "helm-render:", err)
		os.Exit(1)
	}
}
