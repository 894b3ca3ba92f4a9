using Podfence.Base;
using Podfence.Model;

namespace Podfence.Manifests;

/// <summary>Reads the parts of a pod that policy needs.</summary>
internal static class PodReader
{
    private static readonly string[] s_protocols = ["SCTP", "TCP", "UDP"];

    public static Pod Read(Field root, Metadata metadata, SourceLocation location)
    {
        var status = root["status"];
        status.CheckMap();
        return ReadTemplate(root, metadata.Namespace!, metadata.Labels, location) with
        {
            Key = new(LabelInterner.Intern(metadata.Namespace!), metadata.Name),
            Addresses = ReadAddresses(status),
            Phase = ReadPhase(status["phase"]),
            Terminating = metadata.Terminating,
            CreatedAt = metadata.CreatedAt,
            Workload = metadata.Controller,
        };
    }

    /// <summary>Reads the spec: a pod as created from a template, without name, addresses and status.</summary>
    public static Pod ReadTemplate(Field root, string @namespace, LabelSet labels, SourceLocation location)
    {
        var spec = root["spec"];
        spec.CheckMap();
        var nodeName = spec["nodeName"].String();
        var ports = new List<ContainerPort>();
        AddPorts(ports, spec["containers"]);
        AddPorts(ports, spec["initContainers"]);
        return new Pod
        {
            Key = new(LabelInterner.Intern(@namespace), ""),
            Location = location,
            Labels = labels,
            NodeName = string.IsNullOrEmpty(nodeName) ? null : LabelInterner.Intern(nodeName),
            HostNetwork = spec["hostNetwork"].Bool() ?? false,
            Ports = ports.ToEquatableArray(),
        };
    }

    private static PodPhase ReadPhase(Field field)
    {
        var phase = field.String();
        switch (phase)
        {
            case null or "" or "Pending" or "Unknown":
                return PodPhase.Pending;
            case "Running":
                return PodPhase.Running;
            case "Succeeded":
                return PodPhase.Succeeded;
            case "Failed":
                return PodPhase.Failed;
            default:
                field.Unsupported(phase, ["Pending", "Running", "Succeeded", "Failed", "Unknown"]);
                return PodPhase.Pending;
        }
    }

    private static EquatableArray<IpAddress> ReadAddresses(Field status)
    {
        var addresses = new List<IpAddress>(2);
        var items = status["podIPs"].Items();
        foreach (var item in items)
        {
            item.CheckMap();
            AddAddress(addresses, item["ip"]);
        }

        var single = status["podIP"];
        if (items.Count == 0)
        {
            AddAddress(addresses, single);
        }
        else if (
            single.String() is { Length: > 0 } text
            && addresses.Count > 0
            && IpText.TryParseLegacy(text, out IpAddress first)
            && first != addresses[0]
        )
        {
            single.Warning(
                $"{text} is not the first of podIPs, {addresses[0]}; podIPs takes precedence",
                "write the same address in both, or podIPs alone"
            );
        }

        return addresses.ToEquatableArray();
    }

    private static void AddAddress(List<IpAddress> addresses, Field field)
    {
        if (field.String() is not { Length: > 0 } text || !AddressFields.TryRead(field, text, out IpAddress address))
        {
            return;
        }

        if (addresses.Exists(other => other.Family == address.Family))
        {
            field.Invalid(text, "may specify no more than one IP for each IP family", "remove it");
            return;
        }

        addresses.Add(address);
    }

    private static void AddPorts(List<ContainerPort> ports, Field containers)
    {
        foreach (var container in containers.Items())
        {
            container.CheckMap();
            var names = container.IsStrict ? new HashSet<string>(StringComparer.Ordinal) : null;
            foreach (var field in container["ports"].Items())
            {
                field.CheckMap();
                AddPort(ports, names, field);
            }
        }
    }

    private static void AddPort(List<ContainerPort> ports, HashSet<string>? names, Field field)
    {
        var name = field["name"].String() is { Length: > 0 } text ? text : null;
        if (name is not null && names is not null)
        {
            foreach (var message in NameValidation.PortName(name))
            {
                field["name"].Invalid(name, message);
            }

            if (!names.Add(name))
            {
                field["name"].Duplicate(name, "name each port of a container once");
            }
        }

        var protocolText = field["protocol"].String();
        if (!PolicyBuilder.TryProtocol(protocolText ?? PolicyDefaults.Protocol, out var protocol))
        {
            field["protocol"].Unsupported(protocolText!, s_protocols);
            return;
        }

        var number = field["containerPort"];
        if (number.Int32() is not { } port)
        {
            if (!number.IsPresent)
            {
                number.Required("");
            }
        }
        else if (!NameValidation.IsPortNumber(port))
        {
            number.Invalid(port, NameValidation.PortNumberMessage);
        }
        else
        {
            ports.Add(new(name is null ? null : LabelInterner.Intern(name), port, protocol));
        }
    }
}
