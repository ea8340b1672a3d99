//go:build !k135

package main

import schedulingv1alpha2 "k8s.io/api/scheduling/v1alpha2"

// ofThisRelease adds what only this release has.
var ofThisRelease = schedulingv1alpha2.AddToScheme
