using System.Globalization;
using System.Text;
using Podfence.Model;

namespace Podfence.Bench;

/// <summary>
/// A pod as an API server sends it: some three kilobytes, of which policy needs a few hundred bytes. Who manages which
/// field, environment, volumes and conditions are as a deployment's pod has them.
/// </summary>
internal static class PodText
{
    /// <summary>The whole object.</summary>
    /// <param name="pod">What policy needs.</param>
    /// <param name="beat">Counts up with each change of the status.</param>
    public static string Of(Pod pod, int beat = 0)
    {
        var (name, space) = (pod.Key.Name, pod.Key.Namespace);
        var app = pod.Labels["app"]!;
        var id = $"9a0b7c1d-7c1d-4f0e-9d3a-{pod.Addresses[0].ToString().Replace('.', 'a').PadLeft(12, '0')}";
        var time = DateTimeOffset
            .FromUnixTimeSeconds(pod.CreatedAt)
            .ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var beatTime = DateTimeOffset
            .FromUnixTimeSeconds(pod.CreatedAt + beat)
            .ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var labels = new StringBuilder();
        foreach (var (key, value) in pod.Labels)
        {
            labels.Append(labels.Length > 0 ? "," : "").Append(CultureInfo.InvariantCulture, $"\"{key}\":\"{value}\"");
        }

        return $$$$$$"""
            {"kind":"Pod","apiVersion":"v1","metadata":{"name":"{{{{{{name}}}}}}","generateName":"{{{{{{app}}}}}}-5d8c7f9b4-","namespace":"{{{{{{space}}}}}}","uid":"{{{{{{id}}}}}}","creationTimestamp":"{{{{{{time}}}}}}","labels":{{{{{{{labels}}}}}}},"annotations":{"prometheus.io/scrape":"true","prometheus.io/port":"9100","kubectl.kubernetes.io/restartedAt":"{{{{{{time}}}}}}"},"ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"{{{{{{app}}}}}}-5d8c7f9b4","uid":"9a0b7c1d-11aa-4f0e-9d3a-0a1b2c3d4e5f","controller":true,"blockOwnerDeletion":true}],"managedFields":[{"manager":"kube-controller-manager","operation":"Update","apiVersion":"v1","time":"{{{{{{time}}}}}}","fieldsType":"FieldsV1","fieldsV1":{"f:metadata":{"f:annotations":{".":{},"f:prometheus.io/port":{},"f:prometheus.io/scrape":{}},"f:generateName":{},"f:labels":{".":{},"f:app":{},"f:pod-template-hash":{},"f:tier":{}},"f:ownerReferences":{".":{},"k:{\"uid\":\"9a0b7c1d-11aa-4f0e-9d3a-0a1b2c3d4e5f\"}":{}}},"f:spec":{"f:containers":{"k:{\"name\":\"main\"}":{".":{},"f:env":{".":{},"k:{\"name\":\"DATABASE_URL\"}":{".":{},"f:name":{},"f:value":{}}},"f:image":{},"f:imagePullPolicy":{},"f:name":{},"f:ports":{".":{},"k:{\"containerPort\":8080,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{},"f:name":{},"f:protocol":{}}},"f:resources":{}}},"f:dnsPolicy":{},"f:restartPolicy":{}}}},{"manager":"kubelet","operation":"Update","apiVersion":"v1","time":"{{{{{{beatTime}}}}}}","fieldsType":"FieldsV1","fieldsV1":{"f:status":{"f:conditions":{"k:{\"type\":\"Ready\"}":{".":{},"f:lastProbeTime":{},"f:lastTransitionTime":{},"f:status":{},"f:type":{}}},"f:containerStatuses":{},"f:hostIP":{},"f:phase":{},"f:podIP":{},"f:podIPs":{},"f:startTime":{}}},"subresource":"status"}]},"spec":{"volumes":[{"name":"config","configMap":{"name":"{{{{{{app}}}}}}-config","defaultMode":420}},{"name":"kube-api-access-x7k2p","projected":{"sources":[{"serviceAccountToken":{"expirationSeconds":3607,"path":"token"}},{"configMap":{"name":"kube-root-ca.crt","items":[{"key":"ca.crt","path":"ca.crt"}]}}],"defaultMode":420}}],"containers":[{"name":"main","image":"registry.example/{{{{{{space}}}}}}/{{{{{{app}}}}}}:v1.42.7","ports":[{"name":"http","containerPort":8080,"protocol":"TCP"},{"name":"metrics","containerPort":9100,"protocol":"TCP"}],"env":[{"name":"DATABASE_URL","value":"postgres://db.{{{{{{space}}}}}}.svc:5432/{{{{{{app}}}}}}?sslmode=require"},{"name":"POD_IP","valueFrom":{"fieldRef":{"apiVersion":"v1","fieldPath":"status.podIP"}}}],"resources":{"limits":{"cpu":"500m","memory":"512Mi"},"requests":{"cpu":"100m","memory":"128Mi"}},"volumeMounts":[{"name":"config","mountPath":"/etc/app"},{"name":"kube-api-access-x7k2p","readOnly":true,"mountPath":"/var/run/secrets/kubernetes.io/serviceaccount"}],"terminationMessagePath":"/dev/termination-log","imagePullPolicy":"IfNotPresent"}],"restartPolicy":"Always","dnsPolicy":"ClusterFirst","serviceAccountName":"default","nodeName":"{{{{{{pod.NodeName}}}}}}","tolerations":[{"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute","tolerationSeconds":300}],"enableServiceLinks":true},"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True","lastProbeTime":null,"lastTransitionTime":"{{{{{{beatTime}}}}}}"},{"type":"PodScheduled","status":"True","lastProbeTime":null,"lastTransitionTime":"{{{{{{time}}}}}}"}],"hostIP":"192.168.0.1","podIP":"{{{{{{pod.Addresses[
                0
            ]}}}}}}","podIPs":[{"ip":"{{{{{{pod.Addresses[0]}}}}}}"},{"ip":"{{{{{{pod.Addresses[
                1
            ]}}}}}}"}],"startTime":"{{{{{{time}}}}}}","containerStatuses":[{"name":"main","state":{"running":{"startedAt":"{{{{{{beatTime}}}}}}"}},"ready":true,"restartCount":{{{{{{beat}}}}}},"image":"registry.example/{{{{{{space}}}}}}/{{{{{{app}}}}}}:v1.42.7","started":true}],"qosClass":"Burstable"}}
            """;
    }
}
