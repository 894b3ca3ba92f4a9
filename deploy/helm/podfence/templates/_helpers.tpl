{{- define "podfence.labels" -}}
app.kubernetes.io/name: podfence
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/component: {{ .Values.mode }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "podfence.selector" -}}
app.kubernetes.io/name: podfence
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "podfence.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "podfence.securityContext" -}}
# Root without root's powers: the packet filter asks for NET_ADMIN, and the legacy iptables tool, which opens a raw socket, for NET_RAW.
runAsUser: 0
privileged: false
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
  add: {{ if eq .Values.dataplane "nftables" }}[NET_ADMIN]{{ else }}[NET_ADMIN, NET_RAW]{{ end }}
seccompProfile:
  type: RuntimeDefault
{{- end }}
