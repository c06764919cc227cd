package kubelet

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	authentication "k8s.io/api/authentication/v1"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/kubernetes/pkg/fieldpath"
	"k8s.io/utils/ptr"
)

var getNow = meta.GetOptions{}

// fill makes a container's root directory: the image's files, and the pod's
// volumes as they are now. Volumes are copies: what a container writes no
// other one sees, and what changes in a Secret shows after the next start.
func (k *Kubelet) fill(ctx context.Context, pod *core.Pod, c core.Container, root, image string) error {
	if err := copyTree(image, root); err != nil {
		return err
	}
	volumes := map[string]core.Volume{}
	for _, v := range pod.Spec.Volumes {
		volumes[v.Name] = v
	}
	for _, mount := range c.VolumeMounts {
		files, err := k.volume(ctx, pod, volumes[mount.Name])
		if err != nil {
			return &cannotStart{"ContainerCreating", fmt.Errorf("MountVolume.SetUp failed for volume %q : %w", mount.Name, err)}
		}
		at := filepath.Join(root, mount.MountPath)
		if mount.SubPath != "" {
			files, at = map[string][]byte{filepath.Base(at): files[mount.SubPath]}, filepath.Dir(at)
		}
		if err := write(at, files); err != nil {
			return err
		}
	}
	for _, dir := range []string{"tmp", "root"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o777); err != nil {
			return err
		}
	}
	return write(filepath.Join(root, "etc"), map[string][]byte{
		"hosts":    []byte("127.0.0.1\tlocalhost\n127.0.0.1\t" + pod.Name + "\n"),
		"hostname": []byte(pod.Name + "\n"),
	})
}

func write(dir string, files map[string][]byte) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for name, content := range files {
		at := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(at, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// copyTree copies a directory; its files are linked where the system can.
func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		within, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, within)
		if entry.IsDir() {
			return os.MkdirAll(target, 0o755)
		}
		if os.Link(path, target) == nil {
			return nil
		}
		return copyFile(path, target)
	})
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, info.Mode().Perm())
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}

// volume is a volume's files. Kinds that hold no files of the cluster's own
// are empty directories.
func (k *Kubelet) volume(ctx context.Context, pod *core.Pod, v core.Volume) (map[string][]byte, error) {
	switch {
	case v.Secret != nil:
		return k.projected(ctx, pod, core.VolumeProjection{Secret: &core.SecretProjection{
			LocalObjectReference: core.LocalObjectReference{Name: v.Secret.SecretName},
			Items:                v.Secret.Items, Optional: v.Secret.Optional,
		}})
	case v.ConfigMap != nil:
		return k.projected(ctx, pod, core.VolumeProjection{ConfigMap: &core.ConfigMapProjection{
			LocalObjectReference: v.ConfigMap.LocalObjectReference,
			Items:                v.ConfigMap.Items, Optional: v.ConfigMap.Optional,
		}})
	case v.DownwardAPI != nil:
		return k.projected(ctx, pod, core.VolumeProjection{DownwardAPI: &core.DownwardAPIProjection{Items: v.DownwardAPI.Items}})
	case v.Projected != nil:
		all := map[string][]byte{}
		for _, source := range v.Projected.Sources {
			files, err := k.projected(ctx, pod, source)
			if err != nil {
				return nil, err
			}
			for name, content := range files {
				all[name] = content
			}
		}
		return all, nil
	}
	return nil, nil
}

func (k *Kubelet) projected(ctx context.Context, pod *core.Pod, source core.VolumeProjection) (map[string][]byte, error) {
	switch {
	case source.Secret != nil:
		data, err := k.secret(ctx, pod.Namespace, source.Secret.Name, source.Secret.Optional)
		if err != nil {
			return nil, err
		}
		return chosen(data, source.Secret.Items, source.Secret.Optional)
	case source.ConfigMap != nil:
		data, err := k.configMap(ctx, pod.Namespace, source.ConfigMap.Name, source.ConfigMap.Optional)
		if err != nil {
			return nil, err
		}
		return chosen(data, source.ConfigMap.Items, source.ConfigMap.Optional)
	case source.ServiceAccountToken != nil:
		token, err := k.token(ctx, pod, source.ServiceAccountToken)
		return map[string][]byte{source.ServiceAccountToken.Path: []byte(token)}, err
	case source.DownwardAPI != nil:
		files := map[string][]byte{}
		for _, item := range source.DownwardAPI.Items {
			if item.FieldRef == nil {
				continue
			}
			text, err := fieldpath.ExtractFieldPathAsString(pod, item.FieldRef.FieldPath)
			if err != nil {
				return nil, err
			}
			files[item.Path] = []byte(text)
		}
		return files, nil
	}
	return nil, nil
}

// chosen picks the keys that a volume asks for, all when it names none.
func chosen(data map[string][]byte, items []core.KeyToPath, optional *bool) (map[string][]byte, error) {
	if len(items) == 0 {
		return data, nil
	}
	files := map[string][]byte{}
	for _, item := range items {
		content, ok := data[item.Key]
		if !ok && !ptr.Deref(optional, false) {
			return nil, fmt.Errorf("references non-existent key: %s", item.Key)
		}
		if ok {
			files[item.Path] = content
		}
	}
	return files, nil
}

// token asks for a token of the pod's ServiceAccount, as a kubelet does: it is
// good as long as pod and ServiceAccount are there.
func (k *Kubelet) token(ctx context.Context, pod *core.Pod, source *core.ServiceAccountTokenProjection) (string, error) {
	request := &authentication.TokenRequest{Spec: authentication.TokenRequestSpec{
		ExpirationSeconds: source.ExpirationSeconds,
		BoundObjectRef:    &authentication.BoundObjectReference{APIVersion: "v1", Kind: "Pod", Name: pod.Name, UID: pod.UID},
	}}
	if source.Audience != "" {
		request.Spec.Audiences = []string{source.Audience}
	}
	made, err := k.client.CoreV1().ServiceAccounts(pod.Namespace).
		CreateToken(ctx, pod.Spec.ServiceAccountName, request, meta.CreateOptions{})
	if err != nil {
		return "", fmt.Errorf("failed to fetch token: %w", err)
	}
	return made.Status.Token, nil
}
