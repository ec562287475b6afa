{{- define "parking.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- /* Short enough for the longest suffix within a label's 63 characters. */ -}}
{{- define "parking.fullname" -}}
{{- $name := include "parking.name" . -}}
{{- $default := contains $name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $name) -}}
{{- .Values.fullnameOverride | default $default | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "parking.operator" -}}
{{ include "parking.fullname" . }}-operator
{{- end -}}

{{- define "parking.releaser" -}}
{{ include "parking.fullname" . }}-release
{{- end -}}

{{- define "parking.serviceAccount" -}}
{{- .Values.serviceAccount.name | default (include "parking.operator" .) -}}
{{- end -}}

{{- define "parking.sparkDriver" -}}
{{ include "parking.fullname" . }}-spark-driver
{{- end -}}

{{- /* For objects without a namespace: several namespaced releases may live in one cluster. */ -}}
{{- define "parking.clusterName" -}}
{{- include "parking.fullname" . -}}
{{- if eq .Values.rbac.scope "namespaced" }}-{{ .Release.Namespace }}{{ end -}}
{{- end -}}

{{- /* Namespaces of lots; none means all. */ -}}
{{- define "parking.namespaces" -}}
{{- if eq .Values.rbac.scope "namespaced" -}}
{{- .Values.rbac.namespaces | default (list .Release.Namespace) | uniq | toJson -}}
{{- else if .Values.rbac.namespaces -}}
{{- fail "rbac.namespaces: only with rbac.scope namespaced; with scope cluster the operator looks after all namespaces" -}}
{{- else -}}
[]
{{- end -}}
{{- end -}}

{{- define "parking.selector" -}}
app.kubernetes.io/name: {{ include "parking.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: operator
{{- end -}}

{{- /* Labels of every object. Extra ones cannot replace the chart's own. */ -}}
{{- define "parking.labels" -}}
{{- $own := dict
  "helm.sh/chart" (printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-")
  "app.kubernetes.io/name" (include "parking.name" .)
  "app.kubernetes.io/instance" .Release.Name
  "app.kubernetes.io/version" (.Chart.AppVersion | replace "+" "_")
  "app.kubernetes.io/part-of" "parking"
  "app.kubernetes.io/managed-by" .Release.Service -}}
{{- merge $own .Values.extraLabels | toYaml -}}
{{- end -}}

{{- /* image: (dict "root" $ "image" .Values.image.NAME) */ -}}
{{- define "parking.image" -}}
{{- $shared := .root.Values.image -}}
{{- $registry := .image.registry | default $shared.registry -}}
{{- with $registry }}{{ . | trimSuffix "/" }}/{{ end -}}
{{- .image.repository -}}
{{- if .image.digest }}@{{ .image.digest }}
{{- else }}:{{ .image.tag | default $shared.tag | default .root.Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{- /* Labels of pods, without what changes with every version: (dict "root" $ "component" … "labels" …) */ -}}
{{- define "parking.podLabels" -}}
{{- $own := dict
  "app.kubernetes.io/name" (include "parking.name" .root)
  "app.kubernetes.io/instance" .root.Release.Name
  "app.kubernetes.io/component" .component
  "app.kubernetes.io/part-of" "parking"
  "app.kubernetes.io/managed-by" .root.Release.Service -}}
{{- merge $own (.labels | default dict) .root.Values.extraLabels | toYaml -}}
{{- end -}}

{{- define "parking.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "parking.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}

{{- /* The annotation that links an alert to what to do about it: (list $ "anchor") */ -}}
{{- define "parking.runbook" -}}
{{- with (index . 0).Values.monitoring.prometheusRule.runbookUrl -}}
runbook_url: {{ . }}#{{ index $ 1 }}
{{- end -}}
{{- end -}}
