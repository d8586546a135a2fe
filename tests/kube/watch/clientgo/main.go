// SPDX-License-Identifier: Apache-2.0

// What client-go's informer costs for the same objects: clientgo KUBECONFIG json|protobuf|metadata N
package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/metadata/metadatainformer"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
)

const namespace = "hbr-watch"

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func peakKiB() string {
	text, err := os.ReadFile("/proc/self/status")
	fail(err)
	for _, line := range strings.Split(string(text), "\n") {
		if strings.HasPrefix(line, "VmHWM:") {
			return strings.TrimSuffix(strings.TrimSpace(line[len("VmHWM:"):]), " kB")
		}
	}
	return "?"
}

func cpuSeconds() float64 {
	var usage syscall.Rusage
	fail(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()).Seconds()
}

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: clientgo KUBECONFIG json|protobuf|metadata N")
		os.Exit(64)
	}
	config, err := clientcmd.BuildConfigFromFlags("", os.Args[1])
	fail(err)
	wanted, err := strconv.Atoi(os.Args[3])
	fail(err)
	if os.Args[2] == "protobuf" {
		config.ContentType = "application/vnd.kubernetes.protobuf"
	}
	began := time.Now()
	var informer cache.SharedIndexInformer
	if os.Args[2] == "metadata" {
		client, err := metadata.NewForConfig(config)
		fail(err)
		configMaps := schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}
		informer = metadatainformer.NewFilteredSharedInformerFactory(client, 0, namespace, nil).
			ForResource(configMaps).Informer()
	} else {
		client, err := kubernetes.NewForConfig(config)
		fail(err)
		informer = informers.NewSharedInformerFactoryWithOptions(client, 0,
			informers.WithNamespace(namespace)).Core().V1().ConfigMaps().Informer()
	}
	told := make(chan struct{}, 1024)
	_, err = informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: func(any) { told <- struct{}{} },
	})
	fail(err)
	go informer.Run(context.Background().Done())
	n := 0
	for ; n < wanted; n++ {
		<-told
	}
	fmt.Printf("client-go %s: %d objects in %.3f s, %.3f s of CPU, peak %s KiB\n", os.Args[2], n,
		time.Since(began).Seconds(), cpuSeconds(), peakKiB())
}
