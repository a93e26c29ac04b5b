using System;
using System.Collections.Generic;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ChatSphere.Data.Migrations
{
    /// <inheritdoc />
    public partial class Context : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.EnsureSchema(
                name: "context");

            migrationBuilder.AddColumn<string>(
                name: "attachments",
                schema: "conversations",
                table: "messages",
                type: "jsonb",
                nullable: false,
                defaultValueSql: "'[]'");

            migrationBuilder.AddColumn<List<string>>(
                name: "link_hosts",
                schema: "conversations",
                table: "messages",
                type: "text[]",
                nullable: false,
                defaultValueSql: "'{}'");

            migrationBuilder.AddColumn<List<int>>(
                name: "unsupported",
                schema: "conversations",
                table: "messages",
                type: "integer[]",
                nullable: false,
                defaultValueSql: "'{}'");

            migrationBuilder.AddColumn<Guid>(
                name: "conversation_id",
                schema: "knowledge",
                table: "documents",
                type: "uuid",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "strict",
                schema: "bots",
                table: "bots",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<bool>(
                name: "uses_memory",
                schema: "bots",
                table: "bots",
                type: "boolean",
                nullable: false,
                defaultValue: true);

            migrationBuilder.CreateTable(
                name: "attachments",
                schema: "conversations",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    conversation_id = table.Column<Guid>(type: "uuid", nullable: false),
                    owner_id = table.Column<Guid>(type: "uuid", nullable: false),
                    message_id = table.Column<Guid>(type: "uuid", nullable: true),
                    kind = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    name = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: false),
                    content_type = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    size = table.Column<long>(type: "bigint", nullable: false),
                    width = table.Column<int>(type: "integer", nullable: true),
                    height = table.Column<int>(type: "integer", nullable: true),
                    sha256 = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    document_id = table.Column<Guid>(type: "uuid", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_attachments", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "conversation_summaries",
                schema: "conversations",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    conversation_id = table.Column<Guid>(type: "uuid", nullable: false),
                    up_to_message_id = table.Column<Guid>(type: "uuid", nullable: false),
                    up_to_seq = table.Column<int>(type: "integer", nullable: false),
                    text = table.Column<string>(type: "text", nullable: false),
                    model = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    tokens = table.Column<int>(type: "integer", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_conversation_summaries", x => x.id);
                    table.ForeignKey(
                        name: "fk_conversation_summaries_conversations_conversation_id",
                        column: x => x.conversation_id,
                        principalSchema: "conversations",
                        principalTable: "conversations",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "fk_conversation_summaries_messages_up_to_message_id",
                        column: x => x.up_to_message_id,
                        principalSchema: "conversations",
                        principalTable: "messages",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "memories",
                schema: "context",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    account_id = table.Column<Guid>(type: "uuid", nullable: false),
                    text = table.Column<string>(type: "text", nullable: false),
                    state = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    conversation_id = table.Column<Guid>(type: "uuid", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_memories", x => x.id);
                    table.ForeignKey(
                        name: "fk_memories_accounts_account_id",
                        column: x => x.account_id,
                        principalSchema: "accounts",
                        principalTable: "accounts",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "memory_preferences",
                schema: "context",
                columns: table => new
                {
                    account_id = table.Column<Guid>(type: "uuid", nullable: false),
                    mode = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_memory_preferences", x => x.account_id);
                    table.ForeignKey(
                        name: "fk_memory_preferences_accounts_account_id",
                        column: x => x.account_id,
                        principalSchema: "accounts",
                        principalTable: "accounts",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "token_counts",
                schema: "context",
                columns: table => new
                {
                    model = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    estimated = table.Column<double>(type: "double precision", nullable: false),
                    reported = table.Column<double>(type: "double precision", nullable: false),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_token_counts", x => x.model);
                });

            migrationBuilder.CreateIndex(
                name: "ix_documents_conversation_id",
                schema: "knowledge",
                table: "documents",
                column: "conversation_id",
                filter: "conversation_id is not null");

            migrationBuilder.CreateIndex(
                name: "ix_attachments_conversation_id",
                schema: "conversations",
                table: "attachments",
                column: "conversation_id");

            migrationBuilder.CreateIndex(
                name: "ix_attachments_created_at",
                schema: "conversations",
                table: "attachments",
                column: "created_at",
                filter: "message_id is null");

            migrationBuilder.CreateIndex(
                name: "ix_attachments_owner_id",
                schema: "conversations",
                table: "attachments",
                column: "owner_id");

            migrationBuilder.CreateIndex(
                name: "ix_attachments_sha256",
                schema: "conversations",
                table: "attachments",
                column: "sha256");

            migrationBuilder.CreateIndex(
                name: "ix_conversation_summaries_conversation_id_up_to_message_id",
                schema: "conversations",
                table: "conversation_summaries",
                columns: new[] { "conversation_id", "up_to_message_id" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_conversation_summaries_up_to_message_id",
                schema: "conversations",
                table: "conversation_summaries",
                column: "up_to_message_id");

            migrationBuilder.CreateIndex(
                name: "ix_memories_account_id_id",
                schema: "context",
                table: "memories",
                columns: new[] { "account_id", "id" });

            migrationBuilder.Sql(ChatSphere.Data.Context.ContextSql.Up);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            // Forward only: see docs/architecture.md.
            throw new System.NotSupportedException("Migrations go forward only.");
        }
    }
}
