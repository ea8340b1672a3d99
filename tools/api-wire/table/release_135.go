//go:build k135

package main

import schedulingv1alpha1 "k8s.io/api/scheduling/v1alpha1"

// ofThisRelease adds what only this release has.
var ofThisRelease = schedulingv1alpha1.AddToScheme
