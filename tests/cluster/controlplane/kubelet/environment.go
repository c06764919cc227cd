package kubelet

import (
	"context"
	"errors"
	"fmt"
	"slices"

	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/kubernetes/pkg/fieldpath"
	"k8s.io/kubernetes/third_party/forked/golang/expansion"
	"k8s.io/utils/ptr"
)

// invocation is a container's command line and environment.
func (k *Kubelet) invocation(ctx context.Context, pod *core.Pod, c core.Container) (argv, env []string, err error) {
	if len(c.Command) == 0 {
		return nil, nil, errors.New("the container names no command, and its image has none")
	}
	values, err := k.environment(ctx, pod, c)
	if err != nil {
		return nil, nil, &cannotStart{"CreateContainerConfigError", err}
	}
	lookUp := expansion.MappingFuncFor(values)
	for _, arg := range slices.Concat(c.Command, c.Args) {
		argv = append(argv, expansion.Expand(arg, lookUp))
	}
	for name, value := range values {
		env = append(env, name+"="+value)
	}
	slices.Sort(env)
	return argv, env, nil
}

func (k *Kubelet) environment(ctx context.Context, pod *core.Pod, c core.Container) (map[string]string, error) {
	values := map[string]string{
		"HOME": "/root", "HOSTNAME": pod.Name, "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"KUBERNETES_SERVICE_HOST": k.server.Hostname(), "KUBERNETES_SERVICE_PORT": k.server.Port(),
	}
	for _, from := range c.EnvFrom {
		var data map[string][]byte
		var err error
		switch {
		case from.SecretRef != nil:
			data, err = k.secret(ctx, pod.Namespace, from.SecretRef.Name, from.SecretRef.Optional)
		case from.ConfigMapRef != nil:
			data, err = k.configMap(ctx, pod.Namespace, from.ConfigMapRef.Name, from.ConfigMapRef.Optional)
		}
		if err != nil {
			return nil, err
		}
		for key, value := range data {
			values[from.Prefix+key] = string(value)
		}
	}
	for _, e := range c.Env {
		value, ok, err := k.value(ctx, pod, e, values)
		if err != nil {
			return nil, err
		}
		if ok {
			values[e.Name] = value
		}
	}
	return values, nil
}

// value is one variable; none when it comes from something optional that is
// not there.
func (k *Kubelet) value(ctx context.Context, pod *core.Pod, e core.EnvVar, before map[string]string) (string, bool, error) {
	from := e.ValueFrom
	switch {
	case from == nil:
		return expansion.Expand(e.Value, expansion.MappingFuncFor(before)), true, nil
	case from.FieldRef != nil:
		text, err := field(pod, from.FieldRef.FieldPath)
		return text, true, err
	case from.SecretKeyRef != nil:
		ref := from.SecretKeyRef
		data, err := k.secret(ctx, pod.Namespace, ref.Name, ref.Optional)
		return pick(data, ref.Key, ref.Optional, err, "Secret "+pod.Namespace+"/"+ref.Name)
	case from.ConfigMapKeyRef != nil:
		ref := from.ConfigMapKeyRef
		data, err := k.configMap(ctx, pod.Namespace, ref.Name, ref.Optional)
		return pick(data, ref.Key, ref.Optional, err, "ConfigMap "+pod.Namespace+"/"+ref.Name)
	}
	return "", false, fmt.Errorf("variable %s: this kind of source is not played here", e.Name)
}

// field is a field of the pod, as the downward API gives it.
func field(pod *core.Pod, path string) (string, error) {
	switch path {
	case "spec.nodeName":
		return pod.Spec.NodeName, nil
	case "spec.serviceAccountName":
		return pod.Spec.ServiceAccountName, nil
	case "status.hostIP":
		return pod.Status.HostIP, nil
	case "status.podIP":
		return pod.Status.PodIP, nil
	}
	return fieldpath.ExtractFieldPathAsString(pod, path)
}

func pick(data map[string][]byte, key string, optional *bool, err error, where string) (string, bool, error) {
	value, ok := data[key]
	if err == nil && !ok && !ptr.Deref(optional, false) {
		err = fmt.Errorf("couldn't find key %s in %s", key, where)
	}
	return string(value), ok, err
}

// secret is a Secret's data; nothing for an optional one that is not there.
func (k *Kubelet) secret(ctx context.Context, namespace, name string, optional *bool) (map[string][]byte, error) {
	secret, err := k.client.CoreV1().Secrets(namespace).Get(ctx, name, getNow)
	if err != nil {
		return nil, absent(err, optional)
	}
	return secret.Data, nil
}

func (k *Kubelet) configMap(ctx context.Context, namespace, name string, optional *bool) (map[string][]byte, error) {
	found, err := k.client.CoreV1().ConfigMaps(namespace).Get(ctx, name, getNow)
	if err != nil {
		return nil, absent(err, optional)
	}
	data := map[string][]byte{}
	for key, value := range found.Data {
		data[key] = []byte(value)
	}
	for key, value := range found.BinaryData {
		data[key] = value
	}
	return data, nil
}

func absent(err error, optional *bool) error {
	if apierrors.IsNotFound(err) && ptr.Deref(optional, false) {
		return nil
	}
	return err
}
