import Secrets
import Storage

/// The database's schema, as the migrations that make it.
enum Migrations {
  static let migrator = Migrator(all) { SHA256Digest(of: $0).text }

  static let all = [
    Migration(name: "0001-accounts", sql: text(PackageResources._001_accounts_sql)),
    Migration(name: "0002-organizations", sql: text(PackageResources._002_organizations_sql)),
    Migration(name: "0003-records", sql: text(PackageResources._003_records_sql)),
    Migration(name: "0004-answered-requests", sql: text(PackageResources._004_answered_requests_sql)),
    Migration(name: "0005-suspended-by-operator", sql: text(PackageResources._005_suspended_by_operator_sql)),
    Migration(name: "0006-images", sql: text(PackageResources._006_images_sql)),
    Migration(name: "0007-member-search", sql: text(PackageResources._007_member_search_sql)),
    Migration(name: "0008-organization-settings", sql: text(PackageResources._008_organization_settings_sql)),
    Migration(name: "0009-mail-troubles", sql: text(PackageResources._009_mail_troubles_sql)),
    Migration(name: "0010-waiting-mails", sql: text(PackageResources._010_waiting_mails_sql)),
    Migration(name: "0011-member-lists", sql: text(PackageResources._011_member_lists_sql)),
    Migration(name: "0012-service-accounts", sql: text(PackageResources._012_service_accounts_sql)),
    Migration(name: "0013-teams", sql: text(PackageResources._013_teams_sql)),
    Migration(name: "0014-ledger", sql: text(PackageResources._014_ledger_sql)),
    Migration(name: "0015-resources", sql: text(PackageResources._015_resources_sql)),
    Migration(name: "0016-grants", sql: text(PackageResources._016_grants_sql)),
    Migration(name: "0017-usage", sql: text(PackageResources._017_usage_sql)),
    Migration(name: "0018-limits", sql: text(PackageResources._018_limits_sql)),
    Migration(name: "0019-decisions", sql: text(PackageResources._019_decisions_sql)),
    Migration(name: "0020-clusters", sql: text(PackageResources._020_clusters_sql)),
    Migration(name: "0021-roles", sql: text(PackageResources._021_roles_sql)),
    Migration(name: "0022-alert-details", sql: text(PackageResources._022_alert_details_sql)),
    Migration(name: "0023-apps", sql: text(PackageResources._023_apps_sql)),
    Migration(name: "0024-objects", sql: text(PackageResources._024_objects_sql)),
    Migration(name: "0025-elevation", sql: text(PackageResources._025_elevation_sql)),
    Migration(name: "0026-derived-tokens", sql: text(PackageResources._026_derived_tokens_sql)),
    Migration(name: "0027-sharing", sql: text(PackageResources._027_sharing_sql)),
    Migration(name: "0028-code-logins", sql: text(PackageResources._028_code_logins_sql)),
    Migration(name: "0029-public-apps", sql: text(PackageResources._029_public_apps_sql)),
    Migration(name: "0030-device-logins", sql: text(PackageResources._030_device_logins_sql)),
    Migration(name: "0031-operators", sql: text(PackageResources._031_operators_sql)),
    Migration(name: "0032-journal-reference", sql: text(PackageResources._032_journal_reference_sql)),
    Migration(name: "0033-share-givers", sql: text(PackageResources._033_share_givers_sql)),
    Migration(name: "0034-quotas-of-things", sql: text(PackageResources._034_quotas_of_things_sql)),
    Migration(name: "0035-derived-token-sources", sql: text(PackageResources._035_derived_token_sources_sql)),
    Migration(name: "0036-removed-sub-balances", sql: text(PackageResources._036_removed_sub_balances_sql)),
    Migration(name: "0037-collaborators", sql: text(PackageResources._037_collaborators_sql)),
  ]

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
