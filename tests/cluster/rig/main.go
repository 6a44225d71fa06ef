// Command rig is a whole Kubernetes in one binary, for kglass's tests: control
// plane, kubelet, metrics-server and kubectl, and the two things a cluster
// needs made beforehand, its certificates and an image to run.
//
// The first argument names the part, the rest are that part's own flags.
package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	kubectl "k8s.io/kubectl/pkg/cmd"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllers "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"
	metrics "sigs.k8s.io/metrics-server/cmd/metrics-server/app"
)

// A part runs with os.Args already shifted: os.Args[0] is the part's own name,
// as every one of these programs expects. It returns the exit code.
var parts = map[string]func() int{
	"etcd": func() int { etcdmain.Main(os.Args); return 0 },

	"kube-apiserver":          command(apiserver.NewAPIServerCommand),
	"kube-controller-manager": command(controllers.NewControllerManagerCommand),
	"kube-scheduler":          command(func() *cobra.Command { return scheduler.NewSchedulerCommand() }),
	"kubelet":                 command(func() *cobra.Command { return kubelet.NewKubeletCommand(context.Background()) }),
	"kubectl":                 command(kubectl.NewDefaultKubectlCommand),
	"metrics-server":          command(func() *cobra.Command { return metrics.NewMetricsServerCommand(nil) }),

	"busybox-image": tool("OUT.tar", writeBusyboxImage),
	"pki":           tool("FOLDER", writePKI),
}

func command(build func() *cobra.Command) func() int {
	return func() int { return cli.Run(build()) }
}

// tool wraps one of our own parts, each of which takes exactly one path.
func tool(argument string, run func(string) error) func() int {
	return func() int {
		if len(os.Args) != 2 {
			fmt.Fprintf(os.Stderr, "usage: rig %s %s\n", os.Args[0], argument)
			return 2
		}
		if err := run(os.Args[1]); err != nil {
			fmt.Fprintf(os.Stderr, "rig %s: %v\n", os.Args[0], err)
			return 1
		}
		return 0
	}
}

func main() {
	if len(os.Args) < 2 || parts[os.Args[1]] == nil {
		names := strings.Join(slices.Sorted(maps.Keys(parts)), "|")
		fmt.Fprintf(os.Stderr, "usage: rig %s [flags]\n", names)
		os.Exit(2)
	}
	os.Args = os.Args[1:]
	os.Exit(parts[os.Args[0]]())
}
