public import Kernel

extension API {
  /// Clusters: machines on which work runs. Operators register them and let organizations have them.
  public enum Clusters {
    private static let one = "/clusters/{cluster}"
    private static let ofOrganization = "/organizations/{organization}/clusters/{cluster}"
    private static let seen = "cluster.read"

    public static let listAll = Endpoint<Nothing, Wire.ResourceQuery, Nothing, Wire.List<Wire.Cluster>>(
      "cluster.list_all", .get, "/clusters", access: .superUser, summary: "List the clusters of the installation, by slug.")

    public static let register = Endpoint<Nothing, Nothing, Wire.ClusterDraft, Wire.Cluster>(
      "cluster.register", .post, "/clusters", access: .superUser, summary: "Register a cluster; no organization has it yet.", status: 201,
      refusals: [.takenName, .tooManyClusters])

    public static let readRegistered = Endpoint<Wire.InRegisteredCluster, Nothing, Nothing, Wire.Cluster>(
      "cluster.read_registered", .get, one, access: .superUser, summary: "Read one cluster of the installation, by id or by slug.")

    public static let change = Endpoint<Wire.InRegisteredCluster, Nothing, Wire.ClusterUpdate, Wire.Cluster>(
      "cluster.change", .patch, one, access: .superUser, summary: "Change a cluster; its slug is its own for good.", refusals: [.stale])

    public static let delete = Endpoint<Wire.InRegisteredCluster, Nothing, Nothing, Nothing>(
      "cluster.delete", .delete, one, access: .superUser, summary: "Delete a cluster that no organization has.", status: 204,
      refusals: [.usedCluster, .stale])

    public static let setNodePool = Endpoint<Wire.InClusterPart, Nothing, Wire.NodePoolDraft, Wire.Cluster>(
      "cluster_node_pool.set", .put, one + "/node-pools/{name}", access: .superUser, summary: "Set a node pool of a cluster, new or in place of that name.",
      refusals: [.stale, .tooMany])

    public static let removeNodePool = Endpoint<Wire.InClusterPart, Nothing, Nothing, Wire.Cluster>(
      "cluster_node_pool.remove", .delete, one + "/node-pools/{name}", access: .superUser, summary: "Take a node pool of a cluster away.", refusals: [.stale])

    public static let setPreset = Endpoint<Wire.InClusterPart, Nothing, Wire.ClusterPresetDraft, Wire.Cluster>(
      "cluster_preset.set", .put, one + "/presets/{name}", access: .superUser, summary: "Set a preset of a cluster, new or in place of that name.",
      refusals: [.stale, .tooMany])

    public static let removePreset = Endpoint<Wire.InClusterPart, Nothing, Nothing, Wire.Cluster>(
      "cluster_preset.remove", .delete, one + "/presets/{name}", access: .superUser, summary: "Take a preset of a cluster away.", refusals: [.stale])

    public static let listTenants = Endpoint<Wire.InRegisteredCluster, Wire.Paging, Nothing, Wire.List<Wire.ClusterTenant>>(
      "cluster_organization.list", .get, one + "/organizations", access: .superUser, summary: "List the organizations that have a cluster.")

    public static let admit = Endpoint<Wire.InClusterTenant, Nothing, Wire.ClusterAdmission, Wire.ClusterTenant>(
      "cluster_organization.set", .put, one + "/organizations/{organization}", access: .superUser,
      summary: "Let an organization have a cluster, or change how it has it. Who takes part in the organization gets access at first, unless told otherwise.",
      refusals: [.tooManyClusters, .tooMany])

    public static let withdraw = Endpoint<Wire.InClusterTenant, Nothing, Nothing, Nothing>(
      "cluster_organization.withdraw", .delete, one + "/organizations/{organization}", access: .superUser,
      summary: "Take a cluster from an organization, with its projects there, all access to them and its quotas there, at once and for good.", status: 204)

    public static let list = Endpoint<Wire.InOrganization, Wire.ResourceQuery, Nothing, Wire.List<Wire.OrganizationCluster>>(
      "cluster.list", .get, "/organizations/{organization}/clusters", access: .organization(permission: "organization.read"),
      summary: "List the clusters of an organization, by slug; without the permission `cluster.read`, those that you have access to.")

    public static let read = Endpoint<Wire.InCluster, Nothing, Nothing, Wire.OrganizationClusterDetails>(
      "cluster.read", .get, ofOrganization, access: .resource(permission: seen, seen: seen),
      summary: "Read one cluster of an organization, by slug or by id; who has access to a project on it may as well.")

    public static let update = Endpoint<Wire.InCluster, Nothing, Wire.OrganizationClusterUpdate, Wire.OrganizationClusterDetails>(
      "cluster.update", .patch, ofOrganization, access: .resource(permission: "cluster.share", seen: seen),
      summary: "Change which role on a cluster who joins the organization gets; the cluster's managers may as well.", refusals: [.stale, .aboveOwnRights])

    static var all: [AnyEndpoint] {
      [
        AnyEndpoint(listAll), AnyEndpoint(register), AnyEndpoint(readRegistered), AnyEndpoint(change), AnyEndpoint(delete), AnyEndpoint(setNodePool),
        AnyEndpoint(removeNodePool), AnyEndpoint(setPreset), AnyEndpoint(removePreset), AnyEndpoint(listTenants), AnyEndpoint(admit), AnyEndpoint(withdraw),
        AnyEndpoint(list), AnyEndpoint(read), AnyEndpoint(update),
      ]
    }
  }
}

extension Wire {
  public struct InRegisteredCluster: Codable, Sendable, Hashable {
    /// By id or by slug.
    public var cluster: String

    public init(cluster: String) { self.cluster = cluster }
  }

  public struct InClusterPart: Codable, Sendable, Hashable {
    /// By id or by slug.
    public var cluster: String
    public var name: String

    public init(cluster: String, name: String) {
      self.cluster = cluster
      self.name = name
    }
  }

  public struct InClusterTenant: Codable, Sendable, Hashable {
    /// By id or by slug.
    public var cluster: String
    public var organization: String

    public init(cluster: String, organization: String) {
      self.cluster = cluster
      self.organization = organization
    }
  }

  public struct InCluster: Codable, Sendable, Hashable {
    public var organization: String
    /// By slug or by id.
    public var cluster: String

    public init(organization: String, cluster: String) {
      self.organization = organization
      self.cluster = cluster
    }
  }

  /// Where the services of a cluster are; one that is absent isn't there.
  public struct ClusterAddresses: Codable, Sendable, Hashable {
    public var registry: Unchecked<ServiceAddressText>?
    public var storage: Unchecked<ServiceAddressText>?
    public var users: Unchecked<ServiceAddressText>?
    public var monitoring: Unchecked<ServiceAddressText>?
    public var secrets: Unchecked<ServiceAddressText>?
    public var disks: Unchecked<ServiceAddressText>?
    public var buckets: Unchecked<ServiceAddressText>?
    public var apps: Unchecked<ServiceAddressText>?
    public var grafana: Unchecked<ServiceAddressText>?
    public var prometheus: Unchecked<ServiceAddressText>?

    public init() {}
  }

  /// What may run and lie on a cluster at once; what is absent isn't limited.
  public struct ClusterLimits: Codable, Sendable, Hashable {
    /// Of the whole organization.
    public var runningJobs: Int?
    /// Of each member who has no quota of their own.
    public var memberRunningJobs: Int?
    /// Of the whole organization, in bytes.
    public var storage: Int?

    public init(runningJobs: Int? = nil, memberRunningJobs: Int? = nil, storage: Int? = nil) {
      (self.runningJobs, self.memberRunningJobs, self.storage) = (runningJobs, memberRunningJobs, storage)
    }
  }

  /// What a machine has, or a preset takes of one.
  public struct MachineShape: Codable, Sendable, Hashable {
    /// Thousandths of a core.
    public var millicores: Int
    /// In bytes.
    public var memory: Int
    /// None when absent.
    public var gpus: Int?
    public var gpuModel: Unchecked<MeterText>?

    public init(millicores: Int, memory: Int, gpus: Int? = nil, gpuModel: String? = nil) {
      (self.millicores, self.memory, self.gpus, self.gpuModel) = (millicores, memory, gpus, gpuModel.map { .init($0) })
    }
  }

  /// Machines of one kind, which come and go with the work.
  public struct NodePool: Codable, Sendable, Hashable {
    public var name: String
    public var minSize: Int
    public var maxSize: Int
    public var machine: MachineShape
    /// Of each machine, in bytes.
    public var disk: Int
    /// Whether machines may be taken away while they work.
    public var preemptible: Bool

    public init(name: String, minSize: Int, maxSize: Int, machine: MachineShape, disk: Int, preemptible: Bool) {
      (self.name, self.minSize, self.maxSize, self.machine, self.disk, self.preemptible) = (name, minSize, maxSize, machine, disk, preemptible)
    }
  }

  public struct NodePoolDraft: Codable, Sendable, Hashable {
    /// 0 when absent.
    public var minSize: Int?
    public var maxSize: Int
    public var machine: MachineShape
    /// Of each machine, in bytes; 0 when absent.
    public var disk: Int?
    /// `false` when absent.
    public var preemptible: Bool?

    public init(minSize: Int? = nil, maxSize: Int, machine: MachineShape, disk: Int? = nil, preemptible: Bool? = nil) {
      (self.minSize, self.maxSize, self.machine, self.disk, self.preemptible) = (minSize, maxSize, machine, disk, preemptible)
    }
  }

  /// What people choose for a job: so much of a machine, at a price.
  public struct ClusterPreset: Codable, Sendable, Hashable {
    public var name: String
    /// What people are shown when they choose; what is charged stands in the price list.
    public var creditsPerHour: String
    public var machine: MachineShape
    /// Whether the job may be stopped for others.
    public var preemptible: Bool

    public init(name: String, creditsPerHour: String, machine: MachineShape, preemptible: Bool) {
      (self.name, self.creditsPerHour, self.machine, self.preemptible) = (name, creditsPerHour, machine, preemptible)
    }
  }

  public struct ClusterPresetDraft: Codable, Sendable, Hashable {
    public var creditsPerHour: Unchecked<PriceText>
    public var machine: MachineShape
    /// `false` when absent.
    public var preemptible: Bool?

    public init(creditsPerHour: String, machine: MachineShape, preemptible: Bool? = nil) {
      (self.creditsPerHour, self.machine, self.preemptible) = (.init(creditsPerHour), machine, preemptible)
    }
  }

  /// A cluster of the installation.
  public struct Cluster: Codable, Sendable, Hashable, Versioned, Addressed {
    public var id: ID<Cluster>
    /// In small letters, unique in the installation, and its own for good.
    public var slug: String
    public var name: String
    public var description: String
    /// Where it stands, in words.
    public var location: String
    public var addresses: ClusterAddresses
    /// What the people of an organization get that has it, unless the organization says otherwise.
    public var defaultRole: String
    /// Whether organizations that are founded have it.
    public var isDefault: Bool
    /// Whether nothing new begins on it.
    public var maintenance: Bool
    /// What an organization begins with.
    public var limits: ClusterLimits
    public var nodePools: [NodePool]
    public var presets: [ClusterPreset]
    /// How many have it.
    public var organizations: Int
    public var createdAt: Timestamp
    public var revision: Int

    public init(
      id: ID<Cluster>, slug: String, name: String, description: String, location: String, addresses: ClusterAddresses, defaultRole: String, isDefault: Bool,
      maintenance: Bool, limits: ClusterLimits, nodePools: [NodePool], presets: [ClusterPreset], organizations: Int, createdAt: Timestamp, revision: Int
    ) {
      (self.id, self.slug, self.name, self.description, self.location, self.addresses) = (id, slug, name, description, location, addresses)
      (self.defaultRole, self.isDefault, self.maintenance, self.limits) = (defaultRole, isDefault, maintenance, limits)
      (self.nodePools, self.presets, self.organizations) = (nodePools, presets, organizations)
      (self.createdAt, self.revision) = (createdAt, revision)
    }

    public var segment: String { slug }
  }

  public struct ClusterDraft: Codable, Sendable, Hashable {
    public var name: Unchecked<DisplayName>
    /// Made from the name when absent.
    public var slug: Unchecked<Slug>?
    public var description: Unchecked<Note>?
    public var location: Unchecked<Note>?
    public var addresses: ClusterAddresses?
    /// `user` when absent.
    public var defaultRole: String?
    /// `false` when absent.
    public var isDefault: Bool?
    /// `false` when absent.
    public var maintenance: Bool?
    public var limits: ClusterLimits?

    public init(name: String, slug: String? = nil, addresses: ClusterAddresses? = nil) {
      (self.name, self.slug, self.addresses) = (.init(name), slug.map { .init($0) }, addresses)
    }
  }

  /// What is absent stays as it is; addresses and limits are changed as a whole.
  public struct ClusterUpdate: Codable, Sendable, Hashable {
    public var name: Unchecked<DisplayName>?
    public var description: Unchecked<Note>?
    public var location: Unchecked<Note>?
    public var addresses: ClusterAddresses?
    public var defaultRole: String?
    public var isDefault: Bool?
    public var maintenance: Bool?
    public var limits: ClusterLimits?

    public init() {}
  }

  /// How an organization shall have a cluster. What is absent stays as it is; at first, as the cluster says.
  public struct ClusterAdmission: Codable, Sendable, Hashable {
    public var defaultRole: String?
    /// Whether nothing new of this organization begins on it.
    public var maintenance: Bool?
    /// As a whole.
    public var limits: ClusterLimits?
    /// At first: whether all get access who take part in the organization now; `true` when absent.
    public var takesMembers: Bool?

    public init(defaultRole: String? = nil, maintenance: Bool? = nil, limits: ClusterLimits? = nil, takesMembers: Bool? = nil) {
      (self.defaultRole, self.maintenance, self.limits, self.takesMembers) = (defaultRole, maintenance, limits, takesMembers)
    }
  }

  /// An organization that has a cluster.
  public struct ClusterTenant: Codable, Sendable, Hashable, Versioned {
    public var organization: ID<Organization>
    public var slug: String
    public var name: String
    public var defaultRole: String
    /// Whether nothing new of this organization begins on it.
    public var maintenance: Bool
    public var limits: ClusterLimits
    /// How many projects it has there.
    public var projects: Int
    public var since: Timestamp
    public var revision: Int

    public init(
      organization: ID<Organization>, slug: String, name: String, defaultRole: String, maintenance: Bool, limits: ClusterLimits, projects: Int,
      since: Timestamp, revision: Int
    ) {
      (self.organization, self.slug, self.name, self.defaultRole, self.maintenance) = (organization, slug, name, defaultRole, maintenance)
      (self.limits, self.projects, self.since, self.revision) = (limits, projects, since, revision)
    }
  }

  /// A cluster as an organization has it.
  public struct OrganizationCluster: Codable, Sendable, Hashable, Versioned {
    /// In this organization.
    public var id: ID<OrganizationCluster>
    /// In the installation.
    public var cluster: ID<Cluster>
    public var slug: String
    public var name: String
    public var description: String
    /// Where it stands, in words.
    public var location: String
    /// Of who joins the organization, and of who gets access without one being told.
    public var defaultRole: String
    /// Whether nothing new begins on it.
    public var maintenance: Bool
    /// How many projects are on it, whether the caller may see them or not.
    public var projects: Int
    public var since: Timestamp
    public var revision: Int

    public init(
      id: ID<OrganizationCluster>, cluster: ID<Cluster>, slug: String, name: String, description: String, location: String, defaultRole: String,
      maintenance: Bool, projects: Int, since: Timestamp, revision: Int
    ) {
      (self.id, self.cluster, self.slug, self.name, self.description, self.location) = (id, cluster, slug, name, description, location)
      (self.defaultRole, self.maintenance, self.projects, self.since, self.revision) = (defaultRole, maintenance, projects, since, revision)
    }
  }

  /// The same with what is on it.
  public struct OrganizationClusterDetails: Codable, Sendable, Hashable, Versioned {
    public var cluster: OrganizationCluster
    public var addresses: ClusterAddresses
    public var limits: ClusterLimits
    public var nodePools: [NodePool]
    public var presets: [ClusterPreset]

    public init(cluster: OrganizationCluster, addresses: ClusterAddresses, limits: ClusterLimits, nodePools: [NodePool], presets: [ClusterPreset]) {
      (self.cluster, self.addresses, self.limits, self.nodePools, self.presets) = (cluster, addresses, limits, nodePools, presets)
    }

    public var revision: Int { cluster.revision }
  }

  /// What is absent stays as it is.
  public struct OrganizationClusterUpdate: Codable, Sendable, Hashable {
    public var defaultRole: String?

    public init(defaultRole: String? = nil) { self.defaultRole = defaultRole }
  }
}

/// An address of the web, from its `http://` or `https://` on.
public enum ServiceAddressText: TextRules {
  public static var rules: Schema.StringRules { .init(pattern: "^https?://[\\x21-\\x7E]+$", length: 8...512) }
  public static var example: String { "https://registry.example.org" }
}

extension Problem.Code {
  public static let tooManyClusters = Self("cluster.too_many", .conflict, "Too many clusters")
  public static let usedCluster = Self("cluster.used", .conflict, "Organizations have this cluster")
  public static let clusterInMaintenance = Self("cluster.maintenance", .conflict, "The cluster is in maintenance")
}
