{{- /* What the operator may do where lots are. */ -}}
{{- define "parking.rules.lots" -}}
- apiGroups: [parking.dev]
  resources: [parkinglots]
  verbs: [get, list, watch, patch]
- apiGroups: [parking.dev]
  resources: [parkinglots/status]
  verbs: [patch]
# Children whose deletion their lot waits for.
- apiGroups: [parking.dev]
  resources: [parkinglots/finalizers]
  verbs: [update]
- apiGroups: [""]
  resources: [events]
  verbs: [create, patch]
- apiGroups: [""]
  resources: [pods]
  verbs: [get, list, watch]
- apiGroups: [""]
  resources: [configmaps, persistentvolumeclaims, services, serviceaccounts]
  verbs: &care [get, list, watch, create, patch, delete]
- apiGroups: [apps]
  resources: [deployments]
  verbs: *care
- apiGroups: [policy]
  resources: [poddisruptionbudgets]
  verbs: *care
- apiGroups: [autoscaling]
  resources: [horizontalpodautoscalers]
  verbs: *care
- apiGroups: [networking.k8s.io]
  resources: [networkpolicies, ingresses]
  verbs: *care
- apiGroups: [gateway.networking.k8s.io]
  resources: [httproutes]
  verbs: *care
- apiGroups: [sparkoperator.k8s.io]
  resources: [sparkapplications, scheduledsparkapplications]
  verbs: *care
- apiGroups: [rbac.authorization.k8s.io]
  resources: [rolebindings]
  verbs: *care
# A Spark driver is given this role and no other.
- apiGroups: [rbac.authorization.k8s.io]
  resources: [{{ eq .Values.rbac.scope "cluster" | ternary "clusterroles" "roles" }}]
  resourceNames: [{{ include "parking.sparkDriver" . }}]
  verbs: [bind]
{{- end -}}

{{- define "parking.rules.topics" -}}
- apiGroups: [kafka.strimzi.io]
  resources: [kafkatopics]
  verbs: [get, list, watch, create, patch, delete]
{{- end -}}

{{- /* Tells when Strimzi or the Spark operator is installed. */ -}}
{{- define "parking.rules.definitions" -}}
- apiGroups: [apiextensions.k8s.io]
  resources: [customresourcedefinitions]
  verbs: [list, watch]
{{- end -}}

{{- /* With namespaces of its own the operator has to know whether they are there. */ -}}
{{- define "parking.rules.namespaces" -}}
- apiGroups: [""]
  resources: [namespaces]
  verbs: [list, watch]
{{- end -}}

{{- define "parking.rules.sparkDriver" -}}
- apiGroups: [""]
  resources: [pods, services, configmaps, persistentvolumeclaims]
  verbs: [get, list, watch, create, update, patch, delete, deletecollection]
{{- end -}}

{{- /* What the Job before an uninstall may do: to lots, and to the operator's Deployment. */ -}}
{{- define "parking.rules.releaseLots" -}}
- apiGroups: [parking.dev]
  resources: [parkinglots]
  verbs: [list, patch]
{{- end -}}

{{- define "parking.rules.stopOperator" -}}
- apiGroups: [apps]
  resources: [deployments]
  resourceNames: [{{ include "parking.operator" . }}]
  verbs: [get]
- apiGroups: [apps]
  resources: [deployments/scale]
  resourceNames: [{{ include "parking.operator" . }}]
  verbs: [patch]
{{- end -}}

{{- /* A role, in a namespace if one is given, and its binding to a service account of the release.
     (dict "root" $ "name" … "namespace" … "rules" … "account" … "annotations" …) */ -}}
{{- define "parking.granted" -}}
{{- $kind := empty .namespace | ternary "ClusterRole" "Role" -}}
{{ include "parking.role" . }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ $kind }}Binding
metadata:
  {{- include "parking.roleMetadata" . | nindent 2 }}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: {{ $kind }}, name: {{ .name }}}
subjects:
  - {kind: ServiceAccount, name: {{ .account }}, namespace: {{ .root.Release.Namespace }}}
{{- end -}}

{{- define "parking.role" -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ empty .namespace | ternary "ClusterRole" "Role" }}
metadata:
  {{- include "parking.roleMetadata" . | nindent 2 }}
rules:
  {{- .rules | nindent 2 }}
{{- end -}}

{{- define "parking.roleMetadata" -}}
name: {{ .name }}
{{- with .namespace }}
namespace: {{ . }}
{{- end }}
labels:
  {{- mergeOverwrite (include "parking.labels" .root | fromYaml) (.labels | default dict) | toYaml | nindent 2 }}
{{- with .annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}
