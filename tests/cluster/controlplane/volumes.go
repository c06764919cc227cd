package main

import (
	"context"

	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// playVolumes provisions claims of our class and removes released volumes.
func (p *player) playVolumes(ctx context.Context) {
	claims, _ := p.claims.List(labels.Everything())
	for _, c := range claims {
		ours := c.Spec.StorageClassName != nil && *c.Spec.StorageClassName == storageName
		if !ours || c.Spec.VolumeName != "" || c.Status.Phase != core.ClaimPending || c.DeletionTimestamp != nil {
			continue
		}
		name := "pvc-" + string(c.UID)
		if _, err := p.volumes.Get(name); err == nil {
			continue
		}
		_, err := p.client.CoreV1().PersistentVolumes().Create(ctx, &core.PersistentVolume{
			ObjectMeta: meta.ObjectMeta{Name: name, Annotations: map[string]string{
				"pv.kubernetes.io/provisioned-by": "box/" + storageName,
			}},
			Spec: core.PersistentVolumeSpec{
				Capacity:                      c.Spec.Resources.Requests,
				AccessModes:                   c.Spec.AccessModes,
				PersistentVolumeReclaimPolicy: core.PersistentVolumeReclaimDelete,
				StorageClassName:              storageName,
				ClaimRef: &core.ObjectReference{
					APIVersion: "v1", Kind: "PersistentVolumeClaim",
					Namespace: c.Namespace, Name: c.Name, UID: c.UID,
				},
				PersistentVolumeSource: core.PersistentVolumeSource{
					// Nothing is ever mounted; the type is one without a plug-in of its own.
					CSI: &core.CSIPersistentVolumeSource{Driver: "box", VolumeHandle: name},
				},
			},
		}, meta.CreateOptions{})
		complain("volume "+name, err)
	}
	volumes, _ := p.volumes.List(labels.Everything())
	for _, v := range volumes {
		if v.Spec.StorageClassName == storageName && v.Status.Phase == core.VolumeReleased && v.DeletionTimestamp == nil {
			complain("volume "+v.Name, p.client.CoreV1().PersistentVolumes().Delete(ctx, v.Name, meta.DeleteOptions{}))
		}
	}
}
