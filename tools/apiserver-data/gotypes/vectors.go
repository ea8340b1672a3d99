package main

import (
	"encoding/json"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	jsonserializer "k8s.io/apimachinery/pkg/runtime/serializer/json"
)

// readVector is a JSON document, and what a strict reader makes of it.
type readVector struct {
	APIVersion string          `json:"apiVersion"`
	Kind       string          `json:"kind"`
	Input      string          `json:"input"`
	JSON       json.RawMessage `json:"json,omitempty"`
	Error      string          `json:"error,omitempty"`
}

type textVector struct {
	Input  string `json:"input"`
	Output string `json:"output,omitempty"`
	Error  string `json:"error,omitempty"`
}

type allVectors struct {
	Read       []readVector  `json:"read"`
	Patches    []patchVector `json:"patches"`
	Quantities []textVector  `json:"quantities"`
	Times      []textVector  `json:"times"`
	MicroTimes []textVector  `json:"microTimes"`
}

func vectors(scheme *runtime.Scheme) any {
	return allVectors{
		Read:       readVectors(scheme),
		Patches:    patchVectors(scheme),
		Quantities: quantityVectors(),
		Times:      timeVectors(func() json.Unmarshaler { return &metav1.Time{} }),
		MicroTimes: timeVectors(func() json.Unmarshaler { return &metav1.MicroTime{} }),
	}
}

func readVectors(scheme *runtime.Scheme) []readVector {
	strict := jsonserializer.NewSerializerWithOptions(jsonserializer.DefaultMetaFactory, scheme, scheme, jsonserializer.SerializerOptions{Strict: true})
	result := []readVector{}
	for _, input := range inputs {
		gvk := schema.FromAPIVersionAndKind(input.apiVersion, input.kind)
		vector := readVector{APIVersion: input.apiVersion, Kind: input.kind, Input: input.text}
		object, _, err := strict.Decode([]byte(input.text), &gvk, nil)
		if err != nil {
			vector.Error = err.Error()
		}
		if object != nil && (err == nil || runtime.IsStrictDecodingError(err)) {
			object.GetObjectKind().SetGroupVersionKind(gvk)
			if vector.JSON, err = json.Marshal(object); err != nil {
				fail("%v", err)
			}
		}
		result = append(result, vector)
	}
	return result
}

func quantityVectors() []textVector {
	texts := []string{".", "m", "-", "+", "+5", "-5m", "-0", "00012", "1.", ".5", "1.G", "x", "1x", "1 ", "", "1e", "1E", "1e+3", "1e-3", "1E3", "1e10", "12e6", "1000e3"}
	for _, number := range []string{"0", "1", "8", "10", "100", "999", "1000", "1024", "1536", "1500", "2048", "1000000", "0.5", "0.001", "1.5", "1.500", "12.345678", "0.0000000001", "123456789012345678901"} {
		for _, suffix := range []string{"", "n", "u", "m", "k", "M", "G", "T", "P", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "e3", "e-2", "E6"} {
			texts = append(texts, number+suffix)
		}
	}
	result := []textVector{}
	for _, text := range texts {
		parsed, err := resource.ParseQuantity(text)
		if err != nil {
			result = append(result, textVector{Input: text, Error: err.Error()})
			continue
		}
		result = append(result, textVector{Input: text, Output: parsed.String()})
	}
	return result
}

func timeVectors(empty func() json.Unmarshaler) []textVector {
	result := []textVector{}
	for _, text := range []string{
		"2024-01-02T03:04:05Z", "2024-01-02T03:04:05.123456Z", "2024-01-02T03:04:05.1234567Z", "2024-01-02T03:04:05.1Z",
		"2024-01-02T03:04:05,123456Z", "2024-01-02T03:04:05+02:00", "2024-01-02T03:04:05.000000-11:30", "2024-02-30T00:00:00Z",
		"2024-02-29T00:00:00.000001Z", "2023-02-29T00:00:00Z", "2024-13-01T00:00:00Z", "2024-00-01T00:00:00Z", "2024-01-00T00:00:00Z",
		"2024-01-01T24:00:00Z", "2024-01-01T00:60:00Z", "2024-01-01T00:00:60Z", "2024-01-01", "2024-01-01T00:00:00",
		"2024-01-01t00:00:00Z", "2024-01-01 00:00:00Z", "yesterday", "", "24-01-01T00:00:00Z", "2024-1-1T00:00:00Z",
		"2024-01-01T00:00:00Zjunk", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2024-01-01T00:00:00+25:00",
		"2024-01-01T00:00:00+01:61", "2024-01-01T00:00:00+0100", "2024-01-01T00:00:00z", "2024-01-01T00:00:00.Z", "2024-01-01T0:00:00Z",
		"0000-01-01T00:00:00Z", "0000-01-01T00:00:00+01:00",
	} {
		value := empty()
		quoted, _ := json.Marshal(text)
		if err := value.UnmarshalJSON(quoted); err != nil {
			result = append(result, textVector{Input: text, Error: err.Error()})
			continue
		}
		output, err := json.Marshal(value)
		if err != nil {
			fail("%s: %v", text, err)
		}
		result = append(result, textVector{Input: text, Output: string(output)})
	}
	return result
}
