"""Which tables does every service start with? The bus's, and those that serve its people."""

from alembic import op

from chassis.migrations import create_bus_tables, drop_bus_tables, run

revision = "chassis_0001"
down_revision = None
branch_labels = ("chassis",)
depends_on = None

PEOPLE = """
CREATE TABLE document_numbers (
    code VARCHAR(8) NOT NULL,
    day DATE NOT NULL,
    last INTEGER NOT NULL,
    CONSTRAINT document_numbers_pkey PRIMARY KEY (code, day)
);

CREATE TABLE acts (
    id UUID NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    employee VARCHAR(16) NOT NULL,
    post VARCHAR(40),
    acting BOOLEAN NOT NULL,
    command VARCHAR(64) NOT NULL,
    key VARCHAR(80) NOT NULL,
    fingerprint VARCHAR(64) NOT NULL,
    kind VARCHAR(40),
    no VARCHAR(64),
    outcome VARCHAR(40) NOT NULL,
    request JSONB NOT NULL,
    response JSONB,
    CONSTRAINT acts_pkey PRIMARY KEY (id)
);

CREATE INDEX acts_of_document ON acts (no, at);

CREATE UNIQUE INDEX acts_once ON acts (employee, key) WHERE outcome = 'done';

CREATE TABLE employees (
    employee VARCHAR(16) NOT NULL,
    nickname TEXT NOT NULL,
    department VARCHAR(40) NOT NULL,
    CONSTRAINT employees_pkey PRIMARY KEY (employee)
);

CREATE TABLE holdings (
    assignment_no VARCHAR(64) NOT NULL,
    employee VARCHAR(16) NOT NULL,
    post VARCHAR(40) NOT NULL,
    acting BOOLEAN NOT NULL,
    effective_from TIMESTAMP WITH TIME ZONE NOT NULL,
    effective_until TIMESTAMP WITH TIME ZONE,
    CONSTRAINT holdings_pkey PRIMARY KEY (assignment_no)
);

CREATE INDEX holdings_employee ON holdings (employee);

CREATE INDEX holdings_post ON holdings (post);

CREATE TABLE sessions (
    digest VARCHAR(64) NOT NULL,
    employee VARCHAR(16) NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT sessions_pkey PRIMARY KEY (digest)
);

CREATE INDEX sessions_expires_at ON sessions (expires_at);

CREATE TABLE login_attempts (
    employee VARCHAR(64) NOT NULL,
    window_start TIMESTAMP WITH TIME ZONE NOT NULL,
    count INTEGER NOT NULL,
    CONSTRAINT login_attempts_pkey PRIMARY KEY (employee)
);

CREATE TABLE duties (
    link VARCHAR(40) NOT NULL,
    key VARCHAR(96) NOT NULL,
    attempt INTEGER NOT NULL,
    order_no VARCHAR(64),
    line_no INTEGER,
    post VARCHAR(40) NOT NULL,
    assignee VARCHAR(16),
    document_no VARCHAR(64),
    from_department VARCHAR(40),
    opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE,
    signed_by VARCHAR(16),
    signed_at TIMESTAMP WITH TIME ZONE,
    closed_at TIMESTAMP WITH TIME ZONE,
    traceparent VARCHAR(64),
    CONSTRAINT duties_pkey PRIMARY KEY (link, key)
);

CREATE INDEX duties_document_no ON duties (document_no);

CREATE INDEX duties_open ON duties (post, due_at) WHERE closed_at IS NULL;

CREATE INDEX duties_order_no ON duties (order_no);

CREATE TABLE settings_copy (
    name VARCHAR(40) NOT NULL,
    value JSONB NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT settings_copy_pkey PRIMARY KEY (name)
);
"""

DROP_PEOPLE = "DROP TABLE document_numbers, acts, employees, holdings, sessions, login_attempts, duties, settings_copy;"


def upgrade() -> None:
    create_bus_tables(op)
    run(op, PEOPLE)


def downgrade() -> None:
    run(op, DROP_PEOPLE)
    drop_bus_tables(op)
